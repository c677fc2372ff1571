/* Preloaded into the server: makes chosen calls on chosen files fail, as a disk does that is full or broken.
 *
 * The file that FAULT_ORDER names holds the order, shared with the test; it is zero when nothing is to fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, READ = 8, RENAME = 16 };
enum { DATABASE = 1, BLOBS = 2 };

struct order {
    int32_t error;  /* errno; 0: nothing fails */
    int32_t files;  /* which */
    int32_t calls;  /* which */
    int32_t after;  /* as many pass first */
    int32_t count;  /* as many fail then; less than 0: all */
    int32_t torn;   /* a failing write writes half first */
    int32_t hits;   /* how many failed */
};

static volatile struct order *order;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAULT_ORDER");
    int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    /* The workers, which the server starts, are not meant. */
    unsetenv("LD_PRELOAD");
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) order = at;
}

static int is_meant(const char *path)
{
    int file = strstr(path, "recto.db") ? DATABASE : strstr(path, "/blobs/") ? BLOBS : 0;
    return order->files & file;
}

/* Whether this call is to fail; errno is set then. */
static int fails(int call, const char *path)
{
    if (!is_meant(path)) return 0;
    if (__atomic_fetch_sub(&order->after, 1, __ATOMIC_SEQ_CST) > 0) return 0;
    if (order->count >= 0 && __atomic_fetch_sub(&order->count, 1, __ATOMIC_SEQ_CST) <= 0) {
        order->count = 0;
        return 0;
    }
    __atomic_fetch_add(&order->hits, 1, __ATOMIC_SEQ_CST);
    errno = order->error;
    return 1;
}

static int fails_fd(int call, int fd)
{
    char link[64], path[4096];
    if (!order || !order->error || !(order->calls & call)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(call, path);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define TORN(half) do { if (order->torn && n > 1) { int e = errno; (void)!(half); errno = e; } } while (0)

ssize_t write(int fd, const void *b, size_t n)
{
    REAL(write);
    if (fails_fd(WRITE, fd)) { TORN(real(fd, b, n / 2)); return -1; }
    return real(fd, b, n);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t at)
{
    REAL(pwrite);
    if (fails_fd(WRITE, fd)) { TORN(real(fd, b, n / 2, at)); return -1; }
    return real(fd, b, n, at);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at)
{
    REAL(pwrite64);
    if (fails_fd(WRITE, fd)) { TORN(real(fd, b, n / 2, at)); return -1; }
    return real(fd, b, n, at);
}
ssize_t read(int fd, void *b, size_t n) { REAL(read); return fails_fd(READ, fd) ? -1 : real(fd, b, n); }
ssize_t pread(int fd, void *b, size_t n, off_t at) { REAL(pread); return fails_fd(READ, fd) ? -1 : real(fd, b, n, at); }
ssize_t pread64(int fd, void *b, size_t n, off64_t at)
{
    REAL(pread64);
    return fails_fd(READ, fd) ? -1 : real(fd, b, n, at);
}
int fsync(int fd) { REAL(fsync); return fails_fd(SYNC, fd) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return fails_fd(SYNC, fd) ? -1 : real(fd); }
int ftruncate(int fd, off_t n) { REAL(ftruncate); return fails_fd(TRUNCATE, fd) ? -1 : real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); return fails_fd(TRUNCATE, fd) ? -1 : real(fd, n); }
int rename(const char *from, const char *to)
{
    REAL(rename);
    if (order && order->error && (order->calls & RENAME) && fails(RENAME, to)) return -1;
    return real(from, to);
}

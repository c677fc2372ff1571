#!/usr/bin/env python3
"""Runs the services of docker-compose.yml as processes, where no container runtime is to be had.

Each service gets a network namespace of its own on one bridge, finds the others by the names that the file gives them,
and has the environment, the command and the health check of the file. Recto's services run as its image runs them: with
its user, without capabilities, on a read-only root file system. Then a document is sent to the server and its text
expected from it.

    sudo tests/compose/rehearse.py --recto target/release/recto --garage ~/.cargo/bin/garage

It needs root, iproute2, util-linux, curl, PostgreSQL and PyYAML; `cargo install garage` makes Garage.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = "recto-rehearsal"
SUBNET = "10.89.7"
# As the Dockerfile makes it.
RECTO_USER = "10001"


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, **options)


def quiet(*command):
    return subprocess.run([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class Network:
    """A bridge in a namespace of its own, and a namespace for each service, which know each other by name."""

    def __init__(self, names):
        self.names = {name: f"{SUBNET}.{number}" for number, name in enumerate(names, 2)}
        self.bridge = f"{PREFIX}-net"

    def __enter__(self):
        self.__exit__()
        self._make(self.bridge)
        self._inside(self.bridge, "ip", "link", "add", "bridge", "type", "bridge")
        self._inside(self.bridge, "ip", "address", "add", f"{SUBNET}.1/24", "dev", "bridge")
        self._inside(self.bridge, "ip", "link", "set", "bridge", "up")
        for number, (name, address) in enumerate(self.names.items()):
            space = self.space(name)
            self._make(space)
            run("ip", "link", "add", f"rr{number}", "netns", self.bridge, "type", "veth", "peer", "name", "eth0", "netns", space)
            self._inside(self.bridge, "ip", "link", "set", f"rr{number}", "master", "bridge", "up")
            self._inside(space, "ip", "address", "add", f"{address}/24", "dev", "eth0")
            self._inside(space, "ip", "link", "set", "eth0", "up")
        return self

    def __exit__(self, *_):
        for space in [*map(self.space, self.names), self.bridge]:
            quiet("ip", "netns", "delete", space)
            shutil.rmtree(f"/etc/netns/{space}", ignore_errors=True)

    def space(self, name):
        return f"{PREFIX}-{name}"

    def _make(self, space):
        run("ip", "netns", "add", space)
        hosts = pathlib.Path("/etc/netns", space, "hosts")
        hosts.parent.mkdir(parents=True)
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in self.names.items())]
        hosts.write_text("\n".join(lines) + "\n")
        self._inside(space, "ip", "link", "set", "lo", "up")

    @staticmethod
    def _inside(space, *command):
        run("ip", "netns", "exec", space, *command)


class Service:
    """A service of the file, as a process."""

    def __init__(self, name, about, network, folder, programs):
        self.name, self.about, self.network, self.programs = name, about, network, programs
        self.folder = folder / name
        self.folder.mkdir()
        self.process = None
        self.log = self.folder / "log"

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(self._entered(self._command()), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
                return
            os.killpg(self.process.pid, signal.SIGKILL)

    def wait_until_healthy(self):
        check = self.about.get("healthcheck") or {"test": ["CMD", "recto", "ready"]}
        end = time.monotonic() + 120
        while not quiet(*self._entered(self._program(check["test"][1:]))):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{self.name} does not become healthy:\n{self.log.read_text()}")
            time.sleep(0.5)
        print(f"{self.name} is healthy", flush=True)

    def is_recto(self):
        return self.about["image"].startswith("recto")

    def _program(self, words):
        """The words with the program that stands for that of the image."""
        known = {"recto": self.programs["recto"], "/garage": self.programs["garage"], "pg_isready": self.programs["postgres"] / "pg_isready"}
        return [str(known.get(words[0], words[0])), *words[1:]]

    def _command(self):
        command = self.about.get("command") or []
        if self.is_recto():
            return self._program(["recto", *(command or ["serve"])])
        if self.about["image"].startswith("postgres"):
            # What the image does at its first start.
            shutil.chown(self.folder, "postgres")
            programs, data = self.programs["postgres"], self.folder / "data"
            first = f"[ -d {data} ] || {programs}/initdb --username=$POSTGRES_USER --auth-local=trust --auth-host=scram-sha-256 --pwfile=<(printf %s \"$POSTGRES_PASSWORD\") -D {data} >&2"
            second = f"echo \"host all all all scram-sha-256\" >> {data}/pg_hba.conf"
            third = f"(until PGPASSWORD=$POSTGRES_PASSWORD {programs}/createdb -h 127.0.0.1 -U $POSTGRES_USER $POSTGRES_USER; do sleep 0.2; done) >/dev/null 2>&1 &"
            last = f"exec {programs}/postgres -D {data} -c listen_addresses='*' -c unix_socket_directories=''"
            return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "bash", "-c", f"{first} && {second} && {{ {third} }} && {last}"]
        return self._program(command)

    def _entered(self, command):
        """The command in the service's namespace, with its mounts, its environment and its rights."""
        steps = ["mount --make-rprivate /"]
        rights = []
        for volume in self.about.get("volumes", []):
            source, target, *_ = volume.split(":")
            source = (ROOT / source).resolve() if source.startswith(".") else self.folder / "volume"
            if source.suffix:
                steps.append(f"touch {target} && mount --bind {source} {target}")
            else:
                source.mkdir(exist_ok=True)
                steps.append(f"mkdir -p {target} && mount --bind {source} {target}")
        if self.is_recto():
            shutil.chown(self.folder / "volume", int(RECTO_USER), int(RECTO_USER))
            program = pathlib.Path("/usr/local/bin/recto")
            steps += [f"touch {program} && mount --bind {self.programs['recto']} {program}"]
            command = [str(program), *command[1:]] if command[0] == str(self.programs["recto"]) else command
        for place in self.about.get("tmpfs", []):
            steps.append(f"mount -t tmpfs none {place}")
        if self.about.get("read_only"):
            steps.append("mount -o remount,bind,ro /")
        if "no-new-privileges:true" in self.about.get("security_opt", []):
            rights.append("--no-new-privs")
        if self.about.get("cap_drop") == ["ALL"]:
            rights += ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
        if self.is_recto():
            rights += [f"--reuid={RECTO_USER}", f"--regid={RECTO_USER}", "--clear-groups"]
        environment = {"PATH": os.environ["PATH"], **{name: str(value) for name, value in self.about.get("environment", {}).items()}}
        if self.is_recto():
            environment |= {"RECTO__DATA_DIR": "/var/lib/recto", **({} if self.about.get("command") else {"RECTO__SERVER__LISTEN": "0.0.0.0:8080"})}
            steps.append("cd /var/lib/recto")
        if self.about["image"].startswith("postgres"):
            # The image's own socket lies where its clients look for it.
            environment["PGHOST"] = "127.0.0.1"
        variables = [f"{name}={value}" for name, value in environment.items()]
        last = shlex.join(["exec", *(["setpriv", *rights] if rights else []), "env", "-i", *variables, *command])
        script = " && ".join([*steps, last])
        return ["ip", "netns", "exec", self.network.space(self.name), "unshare", "--mount", "bash", "-c", script]


def ask(network, *arguments):
    """What the server answers to somebody on the bridge."""
    command = ["ip", "netns", "exec", network.bridge, "curl", "--silent", "--show-error", "--fail", *arguments]
    return json.loads(run(*command, stdout=subprocess.PIPE).stdout)


def read_a_letter(network, server):
    """Sends a document and waits for its text."""
    made = json.loads((server.folder / "volume" / "initial-credentials.json").read_text())
    base, key = "http://recto:8080/v1/openapi", ["-H", f"X-API-Key: {made['apiKey']}"]
    letter = ROOT / "assets/samples/letter.tif"
    batch = ask(network, *key, "-F", f"projectId={made['projectId']}", "-F", f"files=@{letter}", f"{base}/batch/upload")
    for _ in range(240):
        details = ask(network, *key, f"{base}/batch/{batch['id']}")
        if details["status"] != "processing":
            break
        time.sleep(0.5)
    text = ask(network, *key, f"{base}/batch/{batch['id']}/export?format=json")["documents"][0]["text"]
    if details["status"] != "completed" or "quick brown" not in text:
        sys.exit(f"the letter was not read: {details}\n{text}")
    print(f"a letter was read: {text.split(chr(10))[0]!r}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recto", type=pathlib.Path, required=True)
    parser.add_argument("--garage", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    postgres = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    programs = {"recto": arguments.recto.resolve(), "garage": arguments.garage.resolve(), "postgres": postgres[-1]}
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}-", dir="/var/tmp") as folder, Network(services) as network:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        running = {name: Service(name, about, network, folder, programs) for name, about in services.items()}
        started = []
        try:
            # Each after what it depends on.
            while len(started) < len(running):
                for name, service in running.items():
                    needs = service.about.get("depends_on", {})
                    if name not in started and all(needed in started for needed in needs):
                        service.start()
                        service.wait_until_healthy()
                        started.append(name)
            read_a_letter(network, running["recto"])
            objects = run(*running["garage"]._entered(running["garage"]._program(["/garage", "bucket", "info", "recto"])), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            print(next(line for line in objects.splitlines() if "bjects" in line).strip(), flush=True)
        finally:
            for name in reversed(started):
                running[name].stop()
        ended = {name: running[name].process.returncode for name in running if running[name].is_recto()}
        if any(ended.values()):
            sys.exit(f"SIGTERM should end Recto with 0: {ended}")
    print("docker-compose.yml holds")


if __name__ == "__main__":
    main()

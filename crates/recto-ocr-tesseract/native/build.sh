#!/usr/bin/env bash
# Builds Leptonica and Tesseract from their sources as static libraries: build.sh LEPTONICA.tar.gz TESSERACT.tar.gz PREFIX
#
# What Recto does not use is left out: OpenMP (Recto reads one page a core), the readers and writers of picture files
# (Recto hands over pixels), the training tools, the viewer, libcurl and libarchive. The old recognizer stays: the model
# that tells which way a page lies is one of its. The inner loops are compiled for each vector extension and chosen at run
# time; nothing is compiled for the processor of this machine. The patches beside this script say why they are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
leptonica=$1 tesseract=$2 prefix=$3
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

# configure_and_install NAME OPTION…: a static, optimised, position-independent library
configure_and_install() {
    local name=$1
    shift
    cmake -S "$build/$name" -B "$build/$name-build" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_FLAGS_RELEASE="-O3 -DNDEBUG" -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF -DSW_BUILD=OFF "$@"
    cmake --build "$build/$name-build" --parallel "$(nproc)"
    cmake --install "$build/$name-build"
}

unpack() {
    mkdir "$build/$1"
    tar -xzf "$2" -C "$build/$1" --strip-components=1
}

rm -rf "$prefix"
unpack leptonica "$leptonica"
configure_and_install leptonica -DBUILD_PROG=OFF -DENABLE_ZLIB=OFF -DENABLE_PNG=OFF -DENABLE_GIF=OFF -DENABLE_JPEG=OFF \
    -DENABLE_TIFF=OFF -DENABLE_WEBP=OFF -DENABLE_OPENJPEG=OFF
# CMake calls it after the build type, and Tesseract and everybody else do not.
mv "$prefix/lib/pkgconfig/lept_Release.pc" "$prefix/lib/pkgconfig/lept.pc"

unpack tesseract "$tesseract"
cp "$here"/arch/* "$build/tesseract/src/arch/"
for patch in "$here"/*.patch; do
    # Without fuzz: a patch that does not fit exactly stops the build.
    patch -d "$build/tesseract" -p1 --fuzz=0 --no-backup-if-mismatch <"$patch"
done
# TESSERACT_IMAGEDATA_AS_PIX and TESSERACT_DISABLE_DEBUG_FONTS are Tesseract's own switches: the pictures of lines stay
# pixels between its steps instead of being packed as PNG and unpacked at once, and no font is loaded for pictures of what
# goes wrong.
configure_and_install tesseract \
    -DCMAKE_CXX_FLAGS_RELEASE="-O3 -DNDEBUG -DTESSERACT_IMAGEDATA_AS_PIX -DTESSERACT_DISABLE_DEBUG_FONTS" \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=25 -DCMAKE_PROJECT_INCLUDE="$here/unity.cmake" \
    -DFAST_FLOAT=ON -DOPENMP_BUILD=OFF -DGRAPHICS_DISABLED=ON -DDISABLE_TIFF=ON -DDISABLE_ARCHIVE=ON \
    -DDISABLE_CURL=ON -DBUILD_TRAINING_TOOLS=OFF -DBUILD_TESTS=OFF -DINSTALL_CONFIGS=OFF

mkdir "$prefix/licenses"
cp "$build/leptonica/leptonica-license.txt" "$prefix/licenses/leptonica"
cp "$build/tesseract/LICENSE" "$prefix/licenses/tesseract"

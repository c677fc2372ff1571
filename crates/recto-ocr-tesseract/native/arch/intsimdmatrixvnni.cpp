// Matrix times vector of 8-bit numbers with AVX-512 VNNI, for Tesseract's recognizer. Part of Recto, not of Tesseract.
//
// VPDPBUSD multiplies unsigned by signed numbers and adds four products to each 32-bit sum. The inputs are signed: 128 is
// added to each, and 128 times the sum of an output's weights, which IntSimdMatrix::Init has put behind the weights
// together with the bias, is in the end taken off. All sums are exact: the results are those of the other
// implementations, bit by bit.

#include "intsimdmatrix.h"

#include <immintrin.h>
#include <cstdint>
#include <cstring>

namespace tesseract {

#if defined(FAST_FLOAT)

constexpr int kOutputsPerRegister = 16;
constexpr int kMaxOutputRegisters = 8;
constexpr int kInputsPerGroup = 4;

// Four inputs, with 128 added to each, sixteen times.
static inline __m512i Broadcast(const int8_t *u) {
  int32_t inputs;
  memcpy(&inputs, u, sizeof(inputs));
  return _mm512_set1_epi32(inputs ^ static_cast<int32_t>(0x80808080u));
}

// The next kRegisters * 16 outputs; weights, scales and results go on behind them.
template <int kRegisters>
static inline void PartialMatrixDotVector(const int8_t *&weights, const float *&scales, const int8_t *u, int num_in,
                                          float *&v) {
  // With few registers the sums of odd groups go into registers of their own, so that they do not wait for each other.
  constexpr int kChains = kRegisters < 4 ? 4 / kRegisters : 1;
  __m512i sums[kChains][kRegisters];
  for (auto &chain : sums) {
    for (auto &sum : chain) {
      sum = _mm512_setzero_si512();
    }
  }
  auto add_group = [&](__m512i(&chain)[kRegisters], int j) {
    const __m512i inputs = Broadcast(u + j);
    for (int r = 0; r < kRegisters; ++r, weights += 64) {
      chain[r] = _mm512_dpbusd_epi32(chain[r], inputs, _mm512_loadu_si512(weights));
    }
  };
  int j = 0;
  for (; j + kChains * kInputsPerGroup <= num_in; j += kChains * kInputsPerGroup) {
    for (int c = 0; c < kChains; ++c) {
      add_group(sums[c], j + c * kInputsPerGroup);
    }
  }
  for (; j < num_in; j += kInputsPerGroup) {
    add_group(sums[0], j);
  }
  for (int r = 0; r < kRegisters; ++r, weights += 64, scales += kOutputsPerRegister, v += kOutputsPerRegister) {
    __m512i sum = _mm512_loadu_si512(weights);
    for (const auto &chain : sums) {
      sum = _mm512_add_epi32(sum, chain[r]);
    }
    _mm512_storeu_ps(v, _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_loadu_ps(scales)));
  }
}

static void matrixDotVector(int dim1, int dim2, const int8_t *weights, const float *scales, const int8_t *u, float *v) {
  const int num_in = IntSimdMatrix::Roundup(dim2 - 1, kInputsPerGroup);
  int registers = IntSimdMatrix::Roundup(dim1, kOutputsPerRegister) / kOutputsPerRegister;
  for (; registers >= 8; registers -= 8) {
    PartialMatrixDotVector<8>(weights, scales, u, num_in, v);
  }
  if (registers & 4) {
    PartialMatrixDotVector<4>(weights, scales, u, num_in, v);
  }
  if (registers & 2) {
    PartialMatrixDotVector<2>(weights, scales, u, num_in, v);
  }
  if (registers & 1) {
    PartialMatrixDotVector<1>(weights, scales, u, num_in, v);
  }
}

const IntSimdMatrix IntSimdMatrix::intSimdMatrixVNNI = {
    matrixDotVector,
    kOutputsPerRegister,
    kMaxOutputRegisters,
    // A whole number of groups is read, never more.
    kInputsPerGroup,
    kInputsPerGroup,
    true,
};

#else
#  error "only for 32-bit floats"
#endif

} // namespace tesseract

// See activations.h. Part of Recto, not of Tesseract.
//
// Nothing is included that has functions of its own: compiled here, they would be taken on processors without AVX2 too.

#include "activations.h"

#if !defined(__AVX2__)
#  error "only for processors with AVX2"
#endif
#include <immintrin.h>

namespace tesseract {

// As in functions.h.
extern const float TanhTable[];
extern const float LogisticTable[];
constexpr int kSize = 4096;
constexpr float kScale = 256.0f;

// What is read from a table for eight magnitudes, which are not below zero. An entry and the one behind it are read at
// once; this takes a third of the time of the gather instructions.
static inline __m256 Interpolate(const float *table, __m256 magnitude) {
  const __m256 x = _mm256_mul_ps(magnitude, _mm256_set1_ps(kScale));
  const __m256i index = _mm256_cvttps_epi32(_mm256_min_ps(x, _mm256_set1_ps(kSize - 2)));
  alignas(32) int32_t at[8];
  _mm256_store_si256(reinterpret_cast<__m256i *>(at), index);
  auto pairs = [&](int i, int j) {
    const __m128 first = _mm_loadl_pi(_mm_setzero_ps(), reinterpret_cast<const __m64 *>(table + at[i]));
    return _mm_loadh_pi(first, reinterpret_cast<const __m64 *>(table + at[j]));
  };
  const __m256 even = _mm256_set_m128(pairs(4, 5), pairs(0, 1));
  const __m256 odd = _mm256_set_m128(pairs(6, 7), pairs(2, 3));
  const __m256 low = _mm256_shuffle_ps(even, odd, _MM_SHUFFLE(2, 0, 2, 0));
  const __m256 high = _mm256_shuffle_ps(even, odd, _MM_SHUFFLE(3, 1, 3, 1));
  const __m256 share = _mm256_sub_ps(x, _mm256_cvtepi32_ps(index));
  const __m256 value = _mm256_add_ps(low, _mm256_mul_ps(_mm256_sub_ps(high, low), share));
  const __m256 is_over = _mm256_cmp_ps(x, _mm256_set1_ps(kSize - 1), _CMP_GE_OQ);
  return _mm256_blendv_ps(value, _mm256_set1_ps(1), is_over);
}

static inline __m256 Tanh8(__m256 x) {
  const __m256 sign = _mm256_and_ps(_mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ), _mm256_set1_ps(-0.0f));
  return _mm256_xor_ps(Interpolate(TanhTable, _mm256_xor_ps(x, sign)), sign);
}

static inline __m256 Logistic8(__m256 x) {
  const __m256 is_negative = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ);
  const __m256 sign = _mm256_and_ps(is_negative, _mm256_set1_ps(-0.0f));
  const __m256 value = Interpolate(LogisticTable, _mm256_xor_ps(x, sign));
  return _mm256_blendv_ps(value, _mm256_sub_ps(_mm256_set1_ps(1), value), is_negative);
}

void TanhInPlaceAVX2(int n, float *inout) {
  for (int i = 0; i < n; i += 8) {
    _mm256_storeu_ps(inout + i, Tanh8(_mm256_loadu_ps(inout + i)));
  }
}

void LogisticInPlaceAVX2(int n, float *inout) {
  for (int i = 0; i < n; i += 8) {
    _mm256_storeu_ps(inout + i, Logistic8(_mm256_loadu_ps(inout + i)));
  }
}

void TanhMultiplyAVX2(const float *u, const float *v, int n, float *out) {
  for (int i = 0; i < n; i += 8) {
    _mm256_storeu_ps(out + i, _mm256_mul_ps(Tanh8(_mm256_loadu_ps(u + i)), _mm256_loadu_ps(v + i)));
  }
}

} // namespace tesseract

// See activations.h. Part of Recto, not of Tesseract.

#include "activations.h"
#include "functions.h"
#include "simddetect.h"

#if defined(__SSE2__)
#  include <emmintrin.h>
#endif

namespace tesseract {

#if defined(__SSE2__)

// What is read from a table for four magnitudes, which are not below zero.
static inline __m128 Interpolate(const float *table, __m128 magnitude) {
  const __m128 x = _mm_mul_ps(magnitude, _mm_set1_ps(kScaleFactor));
  const __m128i index = _mm_cvttps_epi32(_mm_min_ps(x, _mm_set1_ps(kTableSize - 2)));
  alignas(16) int32_t at[4];
  _mm_store_si128(reinterpret_cast<__m128i *>(at), index);
  // An entry and the one behind it are read at once.
  auto pair = [&](int i) { return reinterpret_cast<const __m64 *>(table + at[i]); };
  const __m128 two = _mm_loadh_pi(_mm_loadl_pi(_mm_setzero_ps(), pair(0)), pair(1));
  const __m128 more = _mm_loadh_pi(_mm_loadl_pi(_mm_setzero_ps(), pair(2)), pair(3));
  const __m128 low = _mm_shuffle_ps(two, more, _MM_SHUFFLE(2, 0, 2, 0));
  const __m128 high = _mm_shuffle_ps(two, more, _MM_SHUFFLE(3, 1, 3, 1));
  const __m128 share = _mm_sub_ps(x, _mm_cvtepi32_ps(index));
  const __m128 value = _mm_add_ps(low, _mm_mul_ps(_mm_sub_ps(high, low), share));
  const __m128 is_over = _mm_cmpge_ps(x, _mm_set1_ps(kTableSize - 1));
  return _mm_or_ps(_mm_and_ps(is_over, _mm_set1_ps(1)), _mm_andnot_ps(is_over, value));
}

static inline __m128 Tanh4(__m128 x) {
  const __m128 sign = _mm_and_ps(_mm_cmplt_ps(x, _mm_setzero_ps()), _mm_set1_ps(-0.0f));
  return _mm_xor_ps(Interpolate(TanhTable, _mm_xor_ps(x, sign)), sign);
}

static inline __m128 Logistic4(__m128 x) {
  const __m128 is_negative = _mm_cmplt_ps(x, _mm_setzero_ps());
  const __m128 sign = _mm_and_ps(is_negative, _mm_set1_ps(-0.0f));
  const __m128 value = Interpolate(LogisticTable, _mm_xor_ps(x, sign));
  const __m128 mirrored = _mm_sub_ps(_mm_set1_ps(1), value);
  return _mm_or_ps(_mm_and_ps(is_negative, mirrored), _mm_andnot_ps(is_negative, value));
}

// Four times 32 bits, rounded to whole numbers, halves away from zero.
static inline __m128i Rounded4(const float *in) {
  const __m128 x = _mm_mul_ps(_mm_loadu_ps(in), _mm_set1_ps(INT8_MAX));
  const __m128 half = _mm_or_ps(_mm_and_ps(x, _mm_set1_ps(-0.0f)), _mm_set1_ps(0.5f));
  return _mm_cvttps_epi32(_mm_add_ps(x, half));
}

#endif

// How many of n numbers AVX2 takes, as far as it is there.
static int WholeEights(int n) {
#if defined(HAVE_AVX2)
  return SIMDDetect::IsAVX2Available() ? n & ~7 : 0;
#else
  return 0;
#endif
}

void TanhInPlace(int n, float *inout) {
  int i = WholeEights(n);
#if defined(HAVE_AVX2)
  TanhInPlaceAVX2(i, inout);
#endif
#if defined(__SSE2__)
  for (; i + 4 <= n; i += 4) {
    _mm_storeu_ps(inout + i, Tanh4(_mm_loadu_ps(inout + i)));
  }
#endif
  for (; i < n; ++i) {
    inout[i] = Tanh(inout[i]);
  }
}

void LogisticInPlace(int n, float *inout) {
  int i = WholeEights(n);
#if defined(HAVE_AVX2)
  LogisticInPlaceAVX2(i, inout);
#endif
#if defined(__SSE2__)
  for (; i + 4 <= n; i += 4) {
    _mm_storeu_ps(inout + i, Logistic4(_mm_loadu_ps(inout + i)));
  }
#endif
  for (; i < n; ++i) {
    inout[i] = Logistic(inout[i]);
  }
}

void TanhMultiply(const float *u, const float *v, int n, float *out) {
  int i = WholeEights(n);
#if defined(HAVE_AVX2)
  TanhMultiplyAVX2(u, v, i, out);
#endif
#if defined(__SSE2__)
  for (; i + 4 <= n; i += 4) {
    _mm_storeu_ps(out + i, _mm_mul_ps(Tanh4(_mm_loadu_ps(u + i)), _mm_loadu_ps(v + i)));
  }
#endif
  for (; i < n; ++i) {
    out[i] = Tanh(u[i]) * v[i];
  }
}

void ToInt8(const float *in, int n, int8_t *out) {
  int i = 0;
#if defined(__SSE2__)
  const __m128i lowest = _mm_set1_epi16(-INT8_MAX);
  for (; i + 16 <= n; i += 16) {
    const __m128i low = _mm_packs_epi32(Rounded4(in + i), Rounded4(in + i + 4));
    const __m128i high = _mm_packs_epi32(Rounded4(in + i + 8), Rounded4(in + i + 12));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out + i),
                     _mm_packs_epi16(_mm_max_epi16(low, lowest), _mm_max_epi16(high, lowest)));
  }
#endif
  for (; i < n; ++i) {
    out[i] = ClipToRange<int>(IntCastRounded(in[i] * INT8_MAX), -INT8_MAX, INT8_MAX);
  }
}

} // namespace tesseract

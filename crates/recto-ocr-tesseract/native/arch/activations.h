// Steps of Tesseract's recognizer between the matrix products, several numbers at a time. Part of Recto, not of Tesseract.
//
// The results are those of the loops in functions.h and networkio.cpp that they stand in for, bit by bit.

#ifndef TESSERACT_ARCH_ACTIVATIONS_H_
#define TESSERACT_ARCH_ACTIVATIONS_H_

#include <cstdint>

namespace tesseract {

// Tanh and Logistic of functions.h, in place.
void TanhInPlace(int n, float *inout);
void LogisticInPlace(int n, float *inout);
// out = Tanh(u) * v, element by element.
void TanhMultiply(const float *u, const float *v, int n, float *out);
// From [-1, 1] to [-127, 127], halves rounded away from zero, and clipped.
void ToInt8(const float *in, int n, int8_t *out);

#if defined(HAVE_AVX2)
// The same for whole eights of numbers; n is a multiple of 8.
void TanhInPlaceAVX2(int n, float *inout);
void LogisticInPlaceAVX2(int n, float *inout);
void TanhMultiplyAVX2(const float *u, const float *v, int n, float *out);
#endif

} // namespace tesseract

#endif // TESSERACT_ARCH_ACTIVATIONS_H_

// Vector instructions that Swift's SIMD types have no operator for. Sixteen lanes are one AVX-512 register.
#ifndef VECTOR_H
#define VECTOR_H

typedef float vector_f32x16 __attribute__((ext_vector_type(16)));
typedef unsigned vector_u32x16 __attribute__((ext_vector_type(16)));
typedef unsigned long long vector_u64x8 __attribute__((ext_vector_type(8)));

#define VECTOR_INLINE static inline __attribute__((always_inline))

// Whether the processor has every instruction of x86-64-v4.
VECTOR_INLINE int vector_has_avx512(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
#else
    return 0;
#endif
}

VECTOR_INLINE vector_f32x16 vector_sqrt(vector_f32x16 x) { return __builtin_elementwise_sqrt(x); }
VECTOR_INLINE vector_f32x16 vector_max(vector_f32x16 x, vector_f32x16 y) { return __builtin_elementwise_max(x, y); }
VECTOR_INLINE vector_f32x16 vector_min(vector_f32x16 x, vector_f32x16 y) { return __builtin_elementwise_min(x, y); }
VECTOR_INLINE vector_f32x16 vector_float(vector_u32x16 x) { return __builtin_convertvector(x, vector_f32x16); }

// y where x is positive, else 0.
VECTOR_INLINE vector_f32x16 vector_where_positive(vector_f32x16 x, vector_f32x16 y) {
    return (vector_f32x16)((vector_u32x16)(x > 0) & (vector_u32x16)y);
}

// The low halves of sixteen 64-bit lanes.
VECTOR_INLINE vector_u32x16 vector_low_words(vector_u64x8 x, vector_u64x8 y) {
    return __builtin_shufflevector(
        (vector_u32x16)x, (vector_u32x16)y, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

// to[c * toStride + r] = from[r * fromStride + c] for r, c in 0..<16: pairs, fours, then the two halvings of whole fours.
VECTOR_INLINE void vector_transpose(const float *from, long fromStride, float *to, long toStride) {
    typedef float loose __attribute__((ext_vector_type(16), aligned(4)));
    vector_f32x16 a[16], b[16];
    for (int i = 0; i < 16; i++) a[i] = *(const loose *)(from + i * fromStride);
    for (int i = 0; i < 16; i += 2) {
        b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
        b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i += 4)
        for (int j = 0; j < 2; j++) {
            a[i + 2 * j] = __builtin_shufflevector(b[i + j], b[i + j + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
            a[i + 2 * j + 1] = __builtin_shufflevector(b[i + j], b[i + j + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
        }
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 2; j++) {
            b[i + 8 * j] = __builtin_shufflevector(a[i + 8 * j], a[i + 8 * j + 4], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
            b[i + 8 * j + 4] = __builtin_shufflevector(a[i + 8 * j], a[i + 8 * j + 4], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
        }
    for (int i = 0; i < 8; i++) {
        *(loose *)(to + i * toStride) = __builtin_shufflevector(b[i], b[i + 8], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
        *(loose *)(to + (i + 8) * toStride) = __builtin_shufflevector(b[i], b[i + 8], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
}

#endif

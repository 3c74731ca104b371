// Vector instructions that Swift's SIMD types have no operator for. Sixteen lanes are one AVX-512 register.
#ifndef VECTOR_H
#define VECTOR_H

#include <stdbool.h>

typedef float vector_f32x16 __attribute__((ext_vector_type(16)));
typedef double vector_f64x8 __attribute__((ext_vector_type(8)));
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
VECTOR_INLINE vector_f64x8 lanes_sqrt(vector_f64x8 x) { return __builtin_elementwise_sqrt(x); }
VECTOR_INLINE vector_f64x8 lanes_max(vector_f64x8 x, vector_f64x8 y) { return __builtin_elementwise_max(x, y); }
VECTOR_INLINE vector_f64x8 lanes_min(vector_f64x8 x, vector_f64x8 y) { return __builtin_elementwise_min(x, y); }
// Asks for the cache line of an address, which need not be readable.
VECTOR_INLINE void lanes_prefetch(const double *address) { __builtin_prefetch(address); }

VECTOR_INLINE vector_f64x8 lanes_abs(vector_f64x8 x) { return __builtin_elementwise_abs(x); }

// Whether any lane is positive.
VECTOR_INLINE bool vector_any_positive(vector_f32x16 x) { return __builtin_reduce_or((vector_u32x16)(x > 0)) != 0; }

// The lower and the upper eight lanes as doubles.
VECTOR_INLINE vector_f64x8 vector_low_doubles(vector_f32x16 x) {
    return __builtin_convertvector(__builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7), vector_f64x8);
}
VECTOR_INLINE vector_f64x8 vector_high_doubles(vector_f32x16 x) {
    return __builtin_convertvector(__builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15), vector_f64x8);
}

// y where x is positive, else 0.
VECTOR_INLINE vector_f32x16 vector_where_positive(vector_f32x16 x, vector_f32x16 y) {
    return (vector_f32x16)((vector_u32x16)(x > 0) & (vector_u32x16)y);
}

// Bit i says whether lane i is not zero.
VECTOR_INLINE unsigned short vector_nonzero_bits(vector_f32x16 x) {
    typedef bool lanes __attribute__((ext_vector_type(16)));
    const lanes set = __builtin_convertvector(x != 0, lanes);
    return __builtin_bit_cast(unsigned short, set);
}

// y where x is positive, else 0; bit i written says whether lane i of x is positive.
VECTOR_INLINE vector_f32x16 vector_where_positive_bits(vector_f32x16 x, vector_f32x16 y, void *bits) {
    typedef bool lanes __attribute__((ext_vector_type(16)));
    const lanes positive = __builtin_convertvector(x > 0, lanes);
    *(unsigned short *)bits = __builtin_bit_cast(unsigned short, positive);
    return vector_where_positive(x, y);
}

// The low halves of sixteen 64-bit lanes.
VECTOR_INLINE vector_u32x16 vector_low_words(vector_u64x8 x, vector_u64x8 y) {
    return __builtin_shufflevector(
        (vector_u32x16)x, (vector_u32x16)y, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

// to[i] += x[i].
VECTOR_INLINE void vector_add_to_doubles(vector_f32x16 x, double *to) {
    typedef double loose __attribute__((ext_vector_type(8), aligned(8)));
    vector_f64x8 low = __builtin_convertvector(__builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7), vector_f64x8);
    vector_f64x8 high = __builtin_convertvector(__builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15), vector_f64x8);
    *(loose *)to += low;
    *(loose *)(to + 8) += high;
}

// Asks for a line of memory that will be read, into the second-level cache, or written.
VECTOR_INLINE void vector_prefetch(const float *line) { __builtin_prefetch(line, 0, 2); }
VECTOR_INLINE void vector_prefetch_to_write(const float *line) { __builtin_prefetch(line, 1, 3); }

// Sums of sixteen vectors' lanes, one lane for each, in three steps. Sixteen bytes of a register hold: halves of two vectors' sums;
// sums of four; and what adds up the four sums of four that a register holds.
VECTOR_INLINE vector_f32x16 vector_add_pairs(vector_f32x16 x, vector_f32x16 y) {
    return __builtin_shufflevector(x, y, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
        + __builtin_shufflevector(x, y, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
VECTOR_INLINE vector_f32x16 vector_add_quads(vector_f32x16 x, vector_f32x16 y) {
    return __builtin_shufflevector(x, y, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
        + __builtin_shufflevector(x, y, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}
VECTOR_INLINE vector_f32x16 vector_add_lanes(vector_f32x16 x, vector_f32x16 y, vector_f32x16 z, vector_f32x16 w) {
    const vector_f32x16 a = __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
        + __builtin_shufflevector(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    const vector_f32x16 b = __builtin_shufflevector(z, w, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
        + __builtin_shufflevector(z, w, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
        + __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

// to[c * toStride + r] = from[r * fromStride + c] for r, c in 0..<16. Loads put four rows' pieces of four into one register, row i
// beside rows i + 4, i + 8 and i + 12; two rounds of shuffles then transpose the pieces where they are.
VECTOR_INLINE void vector_transpose(const float *from, long fromStride, float *to, long toStride) {
    typedef float piece __attribute__((ext_vector_type(4), aligned(4)));
    typedef float loose __attribute__((ext_vector_type(16), aligned(4)));
    for (int column = 0; column < 16; column += 4) {
        vector_f32x16 a[4], b[4];
        for (int i = 0; i < 4; i++) {
            const float *row = from + i * fromStride + column;
            const piece p = *(const piece *)row, q = *(const piece *)(row + 4 * fromStride);
            const piece r = *(const piece *)(row + 8 * fromStride), s = *(const piece *)(row + 12 * fromStride);
            a[i] = __builtin_shufflevector(
                __builtin_shufflevector(p, q, 0, 1, 2, 3, 4, 5, 6, 7), __builtin_shufflevector(r, s, 0, 1, 2, 3, 4, 5, 6, 7),
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        }
        for (int i = 0; i < 4; i += 2) {
            b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
            b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
        }
        for (int j = 0; j < 2; j++) {
            float *target = to + (column + 2 * j) * toStride;
            *(loose *)target = __builtin_shufflevector(b[j], b[j + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
            target += toStride;
            *(loose *)target = __builtin_shufflevector(b[j], b[j + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
        }
    }
}

#endif

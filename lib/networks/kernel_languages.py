"""The two languages of `kernel_source`: Numba's Python and C++.

Expressions are the same text in both; names such as `at` and `spread` come from `vectors` in one
and from CPP_HEAD in the other, and mean the same. Only statements differ: `Printer` prints them.
"""

from contextlib import contextmanager

LANES = 16  # networks in a vector
TILE = 4  # units summed up together: more do not fit into the 16 registers of AVX2
ARRAYS = {"floats": "f4", "data": "f4", "rows": "u2", "keys": "u8", "streams": "i8"}
NUMBA = {
    "floats": "CPointer(float32)",
    "data": "CPointer(float32)",
    "rows": "CPointer(uint16)",
    "keys": "CPointer(uint64)",
    "streams": "CPointer(int64)",
    "count": "int64",
}
CPP = {
    "floats": "float *",
    "data": "const float *",
    "rows": "uint16_t *",
    "keys": "const uint64_t *",
    "streams": "const int64_t *",
    "count": "int64_t ",
}
NUMBA_HEAD = '''\
"""Training kernel for layers of {sizes} units, written by {package}.kernel_source."""

import numpy as np
from numba import cfunc, njit

from {package}.vectors import add_to, at, if_above, if_equal, larger
from {package}.vectors import put, shuffle, spread, two_to_the

F = np.float32
least = min


@njit(error_model="numpy")
'''
NUMBA_TRAIN = '\n\n@cfunc("void({types})", error_model="numpy")\n'
CPP_HEAD = """\
// Training kernel for layers of {sizes} units, written by kernel_source.
// Compile without fast-math and without fused operations: -O3 -ffp-contract=off
#include <stdint.h>
#define F(x) ((float)(x))
typedef float V __attribute__((vector_size({lanes} * 4), aligned(4), may_alias));
typedef int32_t W __attribute__((vector_size({lanes} * 4)));
#define DO static inline __attribute__((always_inline))
DO V at(const float *m, int64_t row) {{ return *(const V *)(m + row * {lanes}); }}
DO void put(float *m, int64_t row, V v) {{ *(V *)(m + row * {lanes}) = v; }}
DO void add_to(float *m, int64_t row, V v) {{ put(m, row, at(m, row) + v); }}
DO V spread(float x) {{ V v; for (int l = 0; l < {lanes}; l++) v[l] = x; return v; }}
DO V larger(V a, V b) {{ return a > b ? a : b; }}
DO V if_above(V a, V b, V yes, V no) {{ return a > b ? yes : no; }}
DO V if_equal(V a, V b, V yes, V no) {{ return a == b ? yes : no; }}
DO V two_to_the(V shifted) {{ return (V)(((W)shifted + 127) << 23); }}
DO int64_t least(int64_t a, int64_t b) {{ return a < b ? a : b; }}
static void shuffle(uint16_t *orders, int64_t first, int64_t n, uint64_t key, uint64_t epoch) {{
    const uint64_t gamma = 0x9E3779B97F4A7C15u;
    uint64_t state = key + epoch * (uint64_t)(n - 1) * gamma;
    for (int64_t i = 0; i < n; i++) orders[first + i] = (uint16_t)i;
    for (int64_t i = n - 1; i > 0; i--) {{
        uint64_t z = state += gamma;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        z ^= z >> 31;
        int64_t j = (int64_t)(((z >> 16) * (uint64_t)(i + 1)) >> 48);
        uint16_t kept = orders[first + i];
        orders[first + i] = orders[first + j];
        orders[first + j] = kept;
    }}
}}

"""


class Printer:
    """Prints statements in one of the two languages."""

    def __init__(self, language):
        self.cpp = language == "c++"
        self.lines, self.depth, self.n_names = [], 0, 0

    def line(self, text, mark=";"):
        self.lines.append("    " * self.depth + text + (mark if self.cpp else ""))

    def new(self, value, name=None, kind="V"):
        """Give a value a new name; return the name."""
        if name is None:
            self.n_names += 1
            name = f"v{self.n_names}"
        self.line(f"{kind} {name} = {value}" if self.cpp else f"{name} = {value}")
        return name

    @contextmanager
    def block(self, python, cpp):
        self.line(f"{cpp} {{" if self.cpp else f"{python}:", mark="")
        self.depth += 1
        yield
        self.depth -= 1
        if self.cpp:
            self.line("}", mark="")

    def function(self, name, arguments):
        names = ", ".join(argument for _, argument in arguments)
        typed = ", ".join(CPP[kind] + argument for kind, argument in arguments)
        return self.block(f"def {name}({names})", f'extern "C" void {name}({typed})')

    def loop(self, name, first, end, step=1):
        return self.block(
            f"for {name} in range({first}, {end}, {step})",
            f"for (int64_t {name} = {first}; {name} < {end}; {name} += {step})",
        )

    def tiles(self, name, n):
        """Go through n units, up to TILE together: yields their numbers, as text."""
        whole = n - n % TILE
        if whole > TILE:
            with self.loop(name, 0, whole, TILE):
                yield [f"{name} + {k}" for k in range(TILE)]
        elif whole:
            yield [str(k) for k in range(TILE)]
        if n > whole:
            yield [str(k) for k in range(whole, n)]

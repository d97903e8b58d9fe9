"""Sixteen float32 numbers side by side, as a number type for Numba.

The generated kernels (`kernel_source`) calculate with vectors of LANES numbers, one for each
network of a group. Numba has no such type, and its own search for loops to vectorise gives up when
too many arrays meet in one loop; so here is one, with the few operations that a kernel needs. LLVM
maps it to the processor's registers: four of SSE2 or NEON, two of AVX2, one of AVX-512.

No operation may be fused or reordered, so the results are equal to the bit on all of them.

    at(memory, row)          vector number `row` of a flat float32 array
    put(memory, row, v)      write it
    add_to(memory, row, v)   add to it
    spread(x)                the number x in every lane
    larger(a, b)             a where a > b, else b
    if_above(a, b, yes, no)  yes where a > b, else no
    if_equal(a, b, yes, no)  yes where a == b, else no
    two_to_the(v)            2 ** n, where v = n + 1.5 * 2 ** 23 and n is whole, -126 to 127
    shuffle(...)             one epoch's data order, as in `streams.data_orders`

A comparison with NaN is false; so NaN, too, takes the same way everywhere. Only generated kernels
import this module: it needs Numba.
"""

import operator

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 16
VECTOR = ir.VectorType(ir.FloatType(), LANES)
WHOLE = ir.VectorType(ir.IntType(32), LANES)
GAMMA = np.uint64(0x9E3779B97F4A7C15)  # SplitMix64, as in `streams`
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)


class Lanes(types.Type):
    """LANES float32 numbers."""

    def __init__(self):
        super().__init__(name="Lanes")


lanes = Lanes()


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """How Numba keeps such a value: as a vector of LLVM's."""

    def __init__(self, manager, kind):
        super().__init__(manager, kind, VECTOR)


def _operation(symbol, name):
    """Teach Numba one of + - * / for vectors."""

    @infer_global(symbol)
    class Typing(ConcreteTemplate):
        cases = [signature(lanes, lanes, lanes)]

    @lower_builtin(symbol, lanes, lanes)
    def lower(context, builder, sig, args):
        return getattr(builder, name)(*args)


for _symbol, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _operation(_symbol, _name)


def _place(context, builder, sig, args):
    """Address of a vector in a flat array."""
    first = builder.mul(args[1], ir.Constant(args[1].type, LANES))
    return builder.bitcast(builder.gep(args[0], [first]), VECTOR.as_pointer())


def _constant(value, kind):
    return ir.Constant(kind, [value] * LANES)


@intrinsic
def at(context, memory, row):
    def lower(context, builder, sig, args):
        return builder.load(_place(context, builder, sig, args), align=4)

    return lanes(memory, types.intp), lower


@intrinsic
def put(context, memory, row, value):
    def lower(context, builder, sig, args):
        builder.store(args[2], _place(context, builder, sig, args), align=4)
        return context.get_dummy_value()

    return types.void(memory, types.intp, lanes), lower


@intrinsic
def add_to(context, memory, row, value):
    def lower(context, builder, sig, args):
        place = _place(context, builder, sig, args)
        total = builder.fadd(builder.load(place, align=4), args[2])
        builder.store(total, place, align=4)
        return context.get_dummy_value()

    return types.void(memory, types.intp, lanes), lower


@intrinsic
def spread(context, x):
    def lower(context, builder, sig, args):
        empty = ir.Constant(VECTOR, ir.Undefined)
        one = builder.insert_element(empty, args[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(one, empty, _constant(0, WHOLE))

    return lanes(types.float32), lower


def _choose(comparison, n_given):
    """Lowering of `larger`, `if_above`, `if_equal`: false for NaN."""

    def lower(context, builder, sig, args):
        yes, no = args[2:] if n_given == 4 else args
        return builder.select(builder.fcmp_ordered(comparison, args[0], args[1]), yes, no)

    return lanes(*[lanes] * n_given), lower


@intrinsic
def larger(context, a, b):
    return _choose(">", 2)


@intrinsic
def if_above(context, a, b, yes, no):
    return _choose(">", 4)


@intrinsic
def if_equal(context, a, b, yes, no):
    return _choose("==", 4)


@intrinsic
def two_to_the(context, shifted):
    def lower(context, builder, sig, args):
        bits = builder.add(builder.bitcast(args[0], WHOLE), _constant(127, WHOLE))
        return builder.bitcast(builder.shl(bits, _constant(23, WHOLE)), VECTOR)

    return lanes(lanes), lower


@njit
def mix(state):
    """The output function of SplitMix64; `streams.mix` for Numba."""
    z = (state ^ (state >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))


@njit
def shuffle(orders, first, n_rows, key, epoch):
    """Write the data order of one epoch to orders[first : first + n_rows]."""
    for i in range(n_rows):
        orders[first + i] = i
    state = key + np.uint64(epoch) * np.uint64(n_rows - 1) * GAMMA
    for i in range(n_rows - 1, 0, -1):
        state += GAMMA
        j = np.int64(((mix(state) >> np.uint64(16)) * np.uint64(i + 1)) >> np.uint64(48))
        kept = orders[first + i]
        orders[first + i] = orders[first + j]
        orders[first + j] = kept

"""Operations on single numbers, as LLVM instructions: one entry for each of PyTensor's.

Numbers are of three kinds: `f` (double), `i` (64-bit integer) and `b` (truth value).  Whatever is
not an instruction of LLVM is called from the C library, or from SciPy where C has none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from llvmlite import ir

type Kind = Literal["f", "i", "b"]
type Number = float | int | bool

DOUBLE, INTEGER, TRUTH = ir.DoubleType(), ir.IntType(64), ir.IntType(1)


@dataclass(frozen=True)
class Scalar:
    """A number in the function being written: known already (`known`), or an LLVM value."""

    kind: Kind
    value: ir.Value
    known: Number | None = None


def constant(value: Number) -> Scalar:
    """Return a number known while the function is written."""
    if isinstance(value, bool):
        return Scalar("b", ir.Constant(TRUTH, int(value)), value)
    if isinstance(value, int):
        return Scalar("i", ir.Constant(INTEGER, value), value)
    return Scalar("f", ir.Constant(DOUBLE, float(value)), float(value))


class Writer:
    """Writes operations on numbers into one LLVM function."""

    def __init__(self, module: ir.Module, builder: ir.IRBuilder) -> None:
        self.module = module
        self.builder = builder
        #: Names of the functions of C and SciPy that are called.
        self.called: set[str] = set()

    def operation(self, name: str, inputs: Sequence[Scalar], kind: Kind) -> Scalar:
        """Return the result of PyTensor's scalar operation of that name on these numbers.

        Raises
        ------
        NotImplementedError : there is no such operation here
        """
        if name not in OPERATIONS:
            raise NotImplementedError(f"no machine code for the operation {name}")
        return self.read_as(OPERATIONS[name](self, inputs), kind)

    def read_as(self, x: Scalar, kind: Kind) -> Scalar:
        """Return the number as another kind; what is not 0 is true."""
        if x.kind == kind:
            return x
        if x.known is not None:
            return constant({"f": float, "i": int, "b": bool}[kind](x.known))
        build = self.builder
        match x.kind, kind:
            case "b", "f":
                value = build.uitofp(x.value, DOUBLE)
            case "b", "i":
                value = build.zext(x.value, INTEGER)
            case "i", "f":
                value = build.sitofp(x.value, DOUBLE)
            case "f", "i":
                value = build.fptosi(x.value, INTEGER)
            case "i", "b":
                value = build.icmp_signed("!=", x.value, ir.Constant(INTEGER, 0))
            case _:
                value = build.fcmp_unordered("!=", x.value, ir.Constant(DOUBLE, 0.0))
        return Scalar(kind, value)

    def real(self, x: Scalar) -> ir.Value:
        """Return the number as a double."""
        return self.read_as(x, "f").value

    def truth(self, x: Scalar) -> ir.Value:
        """Return the number as a truth value."""
        return self.read_as(x, "b").value

    def call(self, name: str, *arguments: ir.Value) -> ir.Value:
        """Return the value of a function of doubles, of the C library or of SciPy."""
        self.called.add(name)
        return self.builder.call(self._declared(name, len(arguments)), arguments)

    def intrinsic(self, name: str, *arguments: ir.Value) -> ir.Value:
        """Return the value of a function of doubles that LLVM knows."""
        return self.builder.call(self._declared(f"llvm.{name}.f64", len(arguments)), arguments)

    def _declared(self, name: str, count: int) -> ir.Function:
        if name in self.module.globals:
            return self.module.globals[name]
        return ir.Function(self.module, ir.FunctionType(DOUBLE, [DOUBLE] * count), name)

    def select(self, condition: ir.Value, yes: ir.Value, no: ir.Value) -> ir.Value:
        """Return one of two doubles."""
        return self.builder.select(condition, yes, no)

    def greater(self, x: ir.Value, y: float) -> ir.Value:
        """Return whether a double is greater than a number."""
        return self.builder.fcmp_ordered(">", x, number(y))


def number(value: float) -> ir.Value:
    """Return a double constant."""
    return ir.Constant(DOUBLE, value)


type _Operation = Callable[[Writer, Sequence[Scalar]], Scalar]


def _widest(inputs: Sequence[Scalar]) -> Kind:
    kinds = {x.kind for x in inputs}
    return "f" if "f" in kinds else "i" if "i" in kinds else "b"


def _arithmetic(real: str, whole: str) -> _Operation:
    """Return a chain of one instruction: on doubles if any is one, else on integers."""

    def write(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
        kind: Kind = "f" if _widest(inputs) == "f" else "i"
        first, *rest = (w.read_as(x, kind).value for x in inputs)
        for value in rest:
            first = getattr(w.builder, real if kind == "f" else whole)(first, value)
        return Scalar(kind, first)

    return write


def _comparison(sign: str) -> _Operation:
    def write(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
        if _widest(inputs) == "f":
            compare = w.builder.fcmp_unordered if sign == "!=" else w.builder.fcmp_ordered
            return Scalar("b", compare(sign, *(w.real(x) for x in inputs)))
        return Scalar("b", w.builder.icmp_signed(sign, *(w.read_as(x, "i").value for x in inputs)))

    return write


def _logical(instruction: str) -> _Operation:
    """Return a chain of one instruction: on truth values, else bit by bit on integers."""

    def write(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
        kind: Kind = "b" if _widest(inputs) == "b" else "i"
        first, *rest = (w.read_as(x, kind).value for x in inputs)
        for value in rest:
            first = getattr(w.builder, instruction)(first, value)
        return Scalar(kind, first)

    return write


def _real(formula: Callable[..., ir.Value]) -> _Operation:
    """Return a function of doubles."""
    return lambda w, inputs: Scalar("f", formula(w, *(w.real(x) for x in inputs)))


def _library(name: str) -> _Operation:
    return _real(lambda w, *arguments: w.call(name, *arguments))


def _intrinsic(name: str) -> _Operation:
    return _real(lambda w, *arguments: w.intrinsic(name, *arguments))


def _switch(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
    condition, yes, no = inputs
    if condition.known is not None:
        return yes if condition.known else no
    kind = _widest([yes, no])
    return Scalar(
        kind, w.select(w.truth(condition), w.read_as(yes, kind).value, w.read_as(no, kind).value)
    )


def _power(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
    """Return a power: small whole ones as products, roots as roots, others by C's pow."""
    base, exponent = w.real(inputs[0]), inputs[1].known
    if exponent == 0.5:
        return Scalar("f", w.intrinsic("sqrt", base))
    if exponent is None or not float(exponent).is_integer() or abs(exponent) > 16:
        return Scalar("f", w.intrinsic("pow", base, w.real(inputs[1])))
    result, square, left = number(1.0), base, abs(int(exponent))
    while left:
        if left & 1:
            result = w.builder.fmul(result, square)
        square, left = w.builder.fmul(square, square), left >> 1
    return Scalar("f", result if exponent >= 0 else w.builder.fdiv(number(1.0), result))


def _negative(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
    (x,) = inputs
    if x.kind == "f":
        return Scalar("f", w.builder.fneg(x.value))
    return Scalar("i", w.builder.neg(w.read_as(x, "i").value))


def _extreme(sign: str) -> _Operation:
    """Return the greater or lesser of numbers; nan where any is nan, as PyTensor has it."""

    def write(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
        kind: Kind = "f" if _widest(inputs) == "f" else "i"
        first, *rest = (w.read_as(x, kind).value for x in inputs)
        for value in rest:
            if kind == "i":
                chosen = w.builder.icmp_signed(sign, first, value)
            else:
                nan = w.builder.fcmp_unordered("uno", first, first)
                chosen = w.builder.or_(w.builder.fcmp_ordered(sign, first, value), nan)
            first = w.select(chosen, first, value)
        return Scalar(kind, first)

    return write


def _sign(w: Writer, x: ir.Value) -> ir.Value:
    one = w.intrinsic("copysign", number(1.0), x)
    return w.select(w.builder.fcmp_ordered("!=", x, number(0.0)), one, x)


def _sigmoid(w: Writer, x: ir.Value) -> ir.Value:
    return w.builder.fdiv(
        number(1.0), w.builder.fadd(number(1.0), w.intrinsic("exp", w.builder.fneg(x)))
    )


def _softplus(w: Writer, x: ir.Value) -> ir.Value:
    """Return log(1 + eˣ) = max(x, 0) + log1p(e^−|x|), which neither overflows nor cancels."""
    positive = w.select(w.greater(x, 0.0), x, number(0.0))
    small = w.intrinsic("exp", w.builder.fneg(w.intrinsic("fabs", x)))
    return w.builder.fadd(positive, w.call("log1p", small))


def _log1mexp(w: Writer, x: ir.Value) -> ir.Value:
    """Return log(1 − eˣ) for x < 0, from whichever side keeps its digits (Mächler 2012)."""
    near = w.intrinsic("log", w.builder.fneg(w.call("expm1", x)))
    far = w.call("log1p", w.builder.fneg(w.intrinsic("exp", x)))
    return w.select(w.greater(x, -math.log(2.0)), near, far)


def _is_infinite(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
    size = w.intrinsic("fabs", w.real(inputs[0]))
    return Scalar("b", w.builder.fcmp_ordered("==", size, number(math.inf)))


def _is_nan(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
    x = w.real(inputs[0])
    return Scalar("b", w.builder.fcmp_unordered("uno", x, x))


def _not(w: Writer, inputs: Sequence[Scalar]) -> Scalar:
    (x,) = inputs
    return Scalar(x.kind, w.builder.not_(x.value))


#: By the name of PyTensor's scalar operation.
OPERATIONS: dict[str, _Operation] = {
    "Add": _arithmetic("fadd", "add"),
    "Sub": _arithmetic("fsub", "sub"),
    "Mul": _arithmetic("fmul", "mul"),
    "TrueDiv": _real(lambda w, a, b: w.builder.fdiv(a, b)),
    "Reciprocal": _real(lambda w, x: w.builder.fdiv(number(1.0), x)),
    "Neg": _negative,
    "Pow": _power,
    "Sqr": _real(lambda w, x: w.builder.fmul(x, x)),
    "Sqrt": _intrinsic("sqrt"),
    "Exp": _intrinsic("exp"),
    "Log": _intrinsic("log"),
    "Sin": _intrinsic("sin"),
    "Cos": _intrinsic("cos"),
    "Abs": _intrinsic("fabs"),
    "Sign": _real(_sign),
    "Expm1": _library("expm1"),
    "Log1p": _library("log1p"),
    "Log1mexp": _real(_log1mexp),
    "Sigmoid": _real(_sigmoid),
    "Softplus": _real(_softplus),
    "ArcTan2": _library("atan2"),
    "Erf": _library("erf"),
    "Erfc": _library("erfc"),
    "Erfcx": _library("erfcx"),
    "GammaLn": _library("lgamma"),
    "Psi": _library("psi"),
    "I0e": _library("i0e"),
    "I1e": _library("i1e"),
    "Maximum": _extreme(">"),
    "Minimum": _extreme("<"),
    "Switch": _switch,
    "LT": _comparison("<"),
    "GT": _comparison(">"),
    "LE": _comparison("<="),
    "GE": _comparison(">="),
    "EQ": _comparison("=="),
    "NEQ": _comparison("!="),
    "AND": _logical("and_"),
    "OR": _logical("or_"),
    "Invert": _not,
    "IsInf": _is_infinite,
    "IsNan": _is_nan,
    "Second": lambda w, inputs: inputs[1],
    "Identity": lambda w, inputs: inputs[0],
    "Cast": lambda w, inputs: inputs[0],
}

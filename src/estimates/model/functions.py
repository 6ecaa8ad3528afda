"""Functions of quantities, for expressions of a model that is written in Python."""

from __future__ import annotations

from estimates.model.terms import Formula, Operand


def log(x: Operand) -> Formula:
    """Return the natural logarithm, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless, above 0

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.log(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'log(x)'
    """
    return Formula("log", (x,))


def exp(x: Operand) -> Formula:
    """Return the exponential, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.exp(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'exp(x)'
    """
    return Formula("exp", (x,))


def sqrt(x: Operand) -> Formula:
    """Return the square root, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; from 0

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.sqrt(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'sqrt(x)'
    """
    return Formula("sqrt", (x,))


def sin(x: Operand) -> Formula:
    """Return the sine, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless, in radians

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.sin(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'sin(x)'
    """
    return Formula("sin", (x,))


def cos(x: Operand) -> Formula:
    """Return the cosine, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless, in radians

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.cos(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'cos(x)'
    """
    return Formula("cos", (x,))


def logistic(x: Operand) -> Formula:
    """Return 1 / (1 + exp(-x)), as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.logistic(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'logistic(x)'
    """
    return Formula("logistic", (x,))


def logit(x: Operand) -> Formula:
    """Return log(x / (1 - x)), as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; a share strictly between 0 and 1

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.logit(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'logit(x)'
    """
    return Formula("logit", (x,))


def minimum(*terms: Operand) -> Formula:
    """Return the least of two or more, as an expression of a model.

    Parameters
    ----------
    terms : quantities, relations, expressions or numbers, all of one dimension

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x, y = est.Quantity("1 to 9"), est.Quantity("2 to 8")
    >>> model = est.Model({"x": x, "y": y}, {"z": est.minimum(x, y)}, targets=["z"])
    >>> str(model.relations["z"].branches[None])
    'min(x, y)'
    """
    return Formula("min", terms)


def maximum(*terms: Operand) -> Formula:
    """Return the greatest of two or more, as an expression of a model.

    Parameters
    ----------
    terms : quantities, relations, expressions or numbers, all of one dimension

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x, y = est.Quantity("1 to 9"), est.Quantity("2 to 8")
    >>> model = est.Model({"x": x, "y": y}, {"z": est.maximum(x, y)}, targets=["z"])
    >>> str(model.relations["z"].branches[None])
    'max(x, y)'
    """
    return Formula("max", terms)

"""Units of measure and money: a small table, read from words, symbols and their products and powers.

Source: the SI brochure (9th edition) for prefixes and derived units; the international yard and pound agreement
(1959) for inch, foot, yard, mile, pound and ounce; US customary gallon, quart, pint and cup.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import NamedTuple

from rewards.patterns import Pattern


class Unit(NamedTuple):
    """Hold a unit: its size in SI units, its dimension, and what is added after scaling (temperature)."""

    size: Fraction
    dimension: tuple[tuple[str, int], ...]
    offset: Fraction = Fraction(0)


Table = dict[str, tuple[Fraction, dict[str, int], Fraction]]
_PREFIXES = {"n": -9, "u": -6, "m": -3, "c": -2, "d": -1, "k": 3, "M": 6, "G": 9}
_PREFIX_WORDS = {"nano": -9, "micro": -6, "milli": -3, "centi": -2, "deci": -1, "kilo": 3, "mega": 6, "giga": 9}


# Dimensions: L length, M mass, T time, A current, K temperature, N amount, D money, B information, G angle.
_SCALED = [
    ("m", "meter meters metre metres", "1", "L"),
    ("g", "gram grams gramme grammes", "1/1000", "M"),
    ("s", "second seconds", "1", "T"),
    ("L l", "liter liters litre litres", "1/1000", "L3"),
    ("N", "newton newtons", "1", "M L T-2"),
    ("J", "joule joules", "1", "M L2 T-2"),
    ("W", "watt watts", "1", "M L2 T-3"),
    ("Pa", "pascal pascals", "1", "M L-1 T-2"),
    ("Hz", "hertz", "1", "T-1"),
    ("V", "volt volts", "1", "M L2 T-3 A-1"),
    ("A", "ampere amperes amp amps", "1", "A"),
    ("C", "coulomb coulombs", "1", "A T"),
    ("F", "farad farads", "1", "M-1 L-2 T4 A2"),
    ("Ω", "ohm ohms", "1", "M L2 T-3 A-2"),
    ("mol", "mole moles", "1", "N"),
    ("eV", "electronvolt electronvolts", "1602176634/10000000000000000000000000000", "M L2 T-2"),
    ("cal", "calorie calories", "4184/1000", "M L2 T-2"),
    ("Wh", "", "3600", "M L2 T-2"),
]
_OTHERS = [
    ("inch inches in in.", "254/10000", "L"),
    ("foot feet ft ft.", "3048/10000", "L"),
    ("yard yards yd yds", "9144/10000", "L"),
    ("mile miles mi", "1609344/1000", "L"),
    ("acre acres", "316160658/78125", "L2"),
    ("hectare hectares ha", "10000", "L2"),
    ("tonne tonnes ton_(metric) metric_ton metric_tons", "1000", "M"),
    ("pound pounds lb lbs lb. lbs.", "45359237/100000000", "M"),
    ("ounce ounces oz oz.", "45359237/1600000000", "M"),
    ("sec secs sec.", "1", "T"),
    ("minute minutes min mins min.", "60", "T"),
    ("hour hours hr hrs h hr.", "3600", "T"),
    ("day days d", "86400", "T"),
    ("week weeks wk", "604800", "T"),
    ("month months", "2629746", "T"),
    ("year years yr yrs", "31556952", "T"),
    ("mph", "44704/100000", "L T-1"),
    ("kph kmh", "5/18", "L T-1"),
    ("rpm", "1/60", "T-1"),
    ("gallon gallons gal", "473176473/125000000", "L3"),
    ("quart quarts qt", "473176473/500000000", "L3"),
    ("pint pints", "473176473/1000000000", "L3"),
    ("cup cups", "473176473/2000000000", "L3"),
    ("cc", "1/1000000", "L3"),
    ("atm", "101325", "M L-1 T-2"),
    ("bar", "100000", "M L-1 T-2"),
    ("kelvin kelvins K", "1", "K"),
    ("dollar dollars usd USD $ buck bucks", "1", "D"),
    ("cent cents ¢", "1/100", "D"),
    ("euro euros EUR eur €", "1", "E"),
    ("£ GBP gbp", "1", "P"),
    ("¥ yuan RMB CNY yen JPY rmb", "1", "Y"),
    ("rupee rupees Rs Rs. INR ₹", "1", "R"),
    ("bit bits", "1", "B"),
    ("byte bytes B", "8", "B"),
    ("KB kB kilobytes kilobyte", "8000", "B"),
    ("MB megabytes megabyte", "8000000", "B"),
    ("GB gigabytes gigabyte", "8000000000", "B"),
    ("kb Kb kbit", "1000", "B"),
    ("Mb Mbit", "1000000", "B"),
    ("Gb Gbit", "1000000000", "B"),
    ("TB terabytes terabyte", "8000000000000", "B"),
    ("dozen dozens", "12", ""),
    # the usual ones in German, French, Spanish, Portuguese and Italian
    ("Sekunde Sekunden segundo segundos seconde secondes secondi", "1", "T"),
    ("Minuten minuto minutos minuti", "60", "T"),
    ("Stunde Stunden heure heures hora horas", "3600", "T"),
    ("Tag Tage Tagen jour jours día días dia dias giorno giorni", "86400", "T"),
    ("Meter Metern mètre mètres metro metros metri", "1", "L"),
    ("Zentimeter centimètre centimètres centímetro centímetros centimetro centimetri", "1/100", "L"),
    ("Kilometer kilomètre kilomètres kilómetro kilómetros quilómetro quilômetro quilômetros chilometri", "1000", "L"),
    ("Gramm gramo gramos grama gramas grammi", "1/1000", "M"),
    ("Kilogramm kilogramme kilogrammes kilogramo kilogramos quilograma quilogramas quilo quilos", "1", "M"),
    (
        "metro_cuadrado metros_cuadrados Quadratmeter mètre_carré mètres_carrés metro_quadrado metros_quadrados",
        "1",
        "L2",
    ),
    ("Quadratzentimeter centímetros_cuadrados centimètres_carrés centímetros_quadrados", "1/10000", "L2"),
    ("light_year light_years lightyear lightyears Lichtjahre", "9460730472580800", "L"),
]
_OTHERS_SHIFTED = [
    ("°C degC ℃ celsius degrees_celsius degree_celsius", "1", "K", "5463/20"),
    ("°F degF ℉ fahrenheit degrees_fahrenheit degree_fahrenheit", "5/9", "K", "45967/180"),
    ("° degree degrees deg", "1", "G", "0"),
    ("radian radians rad rads", "1", "r", "0"),
    ("% percent pct percentage percentage_points", "1/100", "%", "0"),
    ("‰ permille per_mille per_mil per_thousand parts_per_thousand", "1/1000", "%", "0"),
]


def _add(table: Table, names: str, size: str, dimension: str, offset: str = "0") -> None:
    parts = {part[0]: int(part[1:] or 1) for part in dimension.split()}
    for name in names.split():
        table[name.replace("_", " ")] = (Fraction(size), parts, Fraction(offset))


@cache
def _table() -> tuple[Table, Table]:
    """Build the table when the first unit is read: all names, and the long ones in small letters."""
    table: Table = {}
    for symbols, words, size, dimension in _SCALED:
        for name in symbols.split():
            _add(table, name, size, dimension)
            for prefix, exponent in _PREFIXES.items():
                table.setdefault(
                    prefix + name, (Fraction(size) * Fraction(10) ** exponent, table[name][1], Fraction(0))
                )
        for name in words.split():
            _add(table, name, size, dimension)
            for prefix, exponent in _PREFIX_WORDS.items():
                table[prefix + name] = (Fraction(size) * Fraction(10) ** exponent, table[name][1], Fraction(0))
    for names, size, dimension in _OTHERS:
        _add(table, names, size, dimension)
    for names, size, dimension, offset in _OTHERS_SHIFTED:
        _add(table, names, size, dimension, offset)
    return table, {name.lower(): entry for name, entry in reversed(table.items()) if len(name) > 3}


_WORD = r"[A-Za-zΩ°%‰$¢€£¥₹℃℉]+\.?"
_FACTOR = rf"({_WORD})\s*(?:\^?\s*\{{?\s*\(?(-?\d)\)?\s*\}}?)?"
_PIECE = Pattern(rf"{_FACTOR}|([*/·×()])")
_UNITS_AND_MARKS = Pattern(rf"{_FACTOR}|[*/·×()\s]")
_STYLE = Pattern(r"\\(?:text|mathrm|rm|textbf|mbox|,|;|:|!| )|[{}]")
_DEGREE = Pattern(r"\^\s*\\?circ\s*|\\degree\s*|°\s*")
_SQUARES = {"square": 2, "sq": 2, "sq.": 2, "cubic": 3, "cu": 3}
_DROPPED = {"the", "of", "a", "an", "in", "total", "about", "approximately"}


def known(name: str) -> bool:
    """Tell whether a name is one unit of the table."""
    table, lower = _table()
    return name in table or name.lower() in lower


def unit(text: str) -> Unit | None:
    """Read a unit; None where a part of it is no unit that we know.

    Example:
        >>> unit("km/h").size, unit("square feet").dimension, unit("apples")
        (Fraction(5, 18), (('L', 2),), None)
    """
    text = _DEGREE.sub("°", _STYLE.sub(" ", text.replace("\\cdot", "*")).strip())
    entry = _entry(text)
    if entry is not None:
        return _unit(*entry)
    size, dimension = Fraction(1), dict[str, int]()
    sign, following = 1, 1
    for piece in _PIECE.findall(text):
        name, power, mark = piece
        if mark:
            sign = -1 if mark == "/" else sign if mark in "()" else 1
            continue
        lowered = name.lower()
        if lowered == "per":
            sign = -1
        elif lowered in _SQUARES:
            following = _SQUARES[lowered]
        elif lowered in ("squared", "cubed"):
            return None
        else:
            entry = _entry(name)
            if entry is None or entry[2]:
                return None
            exponent = sign * following * int(power or 1)
            size *= entry[0] ** exponent
            for base, count in entry[1].items():
                dimension[base] = dimension.get(base, 0) + count * exponent
            sign, following = 1 if sign > 0 else sign, 1
    if not dimension or _UNITS_AND_MARKS.sub("", text):
        return None
    return _unit(size, dimension, Fraction(0))


def _entry(name: str) -> tuple[Fraction, dict[str, int], Fraction] | None:
    table, lower = _table()
    return table.get(name) or table.get(name.rstrip(".")) or lower.get(name.lower())


def _unit(size: Fraction, dimension: dict[str, int], offset: Fraction) -> Unit:
    return Unit(size, tuple(sorted((base, count) for base, count in dimension.items() if count)), offset)

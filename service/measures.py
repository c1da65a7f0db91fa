"""Units of measure in words, English and Swedish, so that "71 kilometers" and "44 miles" agree."""

_TABLE = {
    "length": """1 m meter meters metre metres | 1000 km kilometer kilometers kilometre kilometres
        | 0.01 cm centimeter centimeters centimetre centimetres
        | 0.001 mm millimeter millimeters millimetre millimetres
        | 1609.34 mile miles | 0.3048 ft foot feet fot | 0.9144 yard yards | 0.0254 inch inches tum
        | 10000 mil""",
    "mass": """1 kg kilo kilos kilogram kilograms | 1000 ton tons tonne tonnes
        | 0.001 g gram grams | 0.4536 lb lbs""",
    "area": """1 hectare hectares hektar ha | 0.4047 acre acres""",
    "volume": "1 liter liters litre litres | 3.785 gallon gallons",
    "time": """1 minute minutes minut minuter | 60 hour hours timme timmar
        | 1440 day days dag dagar dygn | 10080 week weeks vecka veckor
        | 43800 month months månad månader | 525600 year years år""",
    "power": """1 kw kilowatt kilowatts | 1000 mw megawatt megawatts
        | 1000000 gw gigawatt gigawatts""",
}


def _units() -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for dimension, listed in _TABLE.items():
        for each in listed.split("|"):
            factor, *words = each.split()
            found |= {word: (dimension, float(factor)) for word in words}
    return found


UNITS = _units()  # by word: what it measures, and how many of that dimension's first unit it is

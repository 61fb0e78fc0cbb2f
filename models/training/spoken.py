"""Numbers, times, dates and sums as people say them: lower case, no digits."""

from random import Random

from templates import bound, expand
from words import DAYS, MONTHS

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def number(n: int) -> str:
    """`n` in words, up to the millions. Odd hundreds have an "and", even ones do without: both are said."""
    if n < 0:
        return "minus " + number(-n)
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + ("" if n % 10 == 0 else " " + ONES[n % 10])
    if n < 1000:
        link = " and " if n % 2 else " "
        return ONES[n // 100] + " hundred" + ("" if n % 100 == 0 else link + number(n % 100))
    size, name = (1000, " thousand") if n < 1_000_000 else (1_000_000, " million")
    return number(n // size) + name + ("" if n % size == 0 else " " + number(n % size))


def ordinal(n: int) -> str:
    """`n` as in a date: "twenty first"."""
    words = number(n).split()
    last = words[-1]
    words[-1] = ORDINALS.get(last, last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join(words)


def small_number(r: Random) -> str:
    """What timers and volumes are set to."""
    round_one = [5, 10, 15, 20, 25, 30, 45, 50, 60, 90]
    return number(r.choice([r.randint(1, 12), r.randint(1, 60), r.choice(round_one)]))


def any_number(r: Random) -> str:
    """Small, large, or a year."""
    ranges = [(0, 20), (0, 100), (0, 1000), (0, 10000), (1900, 2030)]
    return number(r.choice([r.randint(low, high) for low, high in ranges]))


def digits(r: Random, count: int) -> str:
    """`count` digits, one by one."""
    return " ".join(number(r.randint(0, 9)) for _ in range(count))


def clock(r: Random) -> str:
    """A time of day."""
    hour = r.randint(1, 12)
    minute = r.choice([0, 0, 5, 10, 15, 20, 30, 40, 45, 50, r.randint(1, 59)])
    if minute == 0:
        part = [" o'clock", " a m", " p m", " in the morning", " in the evening", " in the afternoon"]
        return number(hour) + r.choice(part)
    if minute == 30 and r.random() < 0.3:
        return "half past " + number(hour)
    if minute == 15 and r.random() < 0.3:
        return "quarter past " + number(hour)
    oh = "oh " if minute < 10 else ""
    return f"{number(hour)} {oh}{number(minute)}" + r.choice(["", "", " a m", " p m", " in the morning", " tonight"])


def date(r: Random) -> str:
    """A day, near or by its name."""
    template = (
        "[{month} {day}|the {day} of {month}|{weekday}|next {weekday}|tomorrow|today|tonight|this weekend|next week]"
    )
    generators = {
        "month": lambda r: r.choice(MONTHS),
        "day": lambda r: ordinal(r.randint(1, 31)),
        "weekday": lambda r: r.choice(DAYS),
    }
    return expand(template, r, generators)


def duration(r: Random) -> str:
    """How long a timer runs."""
    if r.random() < 0.9:
        return f"{small_number(r)} {r.choice(['seconds', 'minutes', 'minutes', 'minutes', 'hours', 'days'])}"
    return r.choice(["one minute", "one hour", "half an hour", "an hour and a half", "a minute"])


def as_adjective(duration: str) -> str:
    """ "ten minutes" as in "a ten minute timer"."""
    return duration.replace("minutes", "minute").replace("seconds", "second").replace("hours", "hour")


def arithmetic(r: Random) -> str:
    """A sum to work out."""
    template = (
        "[{a} plus {b}|{a} minus {b}|{a} times {b}|{a} divided by {b}|{small} percent of {a}|{a} multiplied by {b}"
        "|the square root of {a}|{a} squared|half of {a}]"
    )
    a = any_number(r)
    b = r.choice([small_number(r), any_number(r)])
    return expand(template, r, {**bound(a=a, b=b), "small": small_number})

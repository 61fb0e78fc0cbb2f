"""Sentences for the starter models: assistant talk from templates, general English from public-domain text.

`assistant(rng)` yields one in-domain utterance; `general(path)` yields clauses of the LJ Speech
transcripts (public domain). Everything is lower-case letters, apostrophes and spaces, numbers spelled out.
"""

import random, re

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
ORD = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
ROOMS = (
    "kitchen bedroom living room office bathroom hallway garage garden dining room".replace(
        "living room", "living_room"
    )
    .replace("dining room", "dining_room")
    .split()
)
THINGS = "lights lamp fan heater music radio television tv alarm camera door window blinds thermostat".split()
CITIES = "london paris berlin tokyo new_york madrid rome sydney chicago boston seattle toronto dublin delhi moscow cairo".split()
NAMES = "anna james maria john sarah michael emma david lisa tom alice robert peter sophie daniel laura george helen mark kate".split()
COLORS = "red blue green yellow orange purple pink white black brown gray".split()
FOODS = "pizza pasta sushi rice bread chocolate coffee tea salad soup apples bananas cheese eggs chicken fish".split()
ANIMALS = "dog cat bird horse rabbit fish hamster turtle".split()
OBJ = "milk bread eggs butter cheese apples coffee sugar paper batteries soap keys wallet phone charger book umbrella passport glasses".split()
PLACES = (
    "kitchen drawer,desk,top shelf,car,blue bag,garage,bedroom closet,coat pocket,living room table".split(
        ","
    )
)
TASKS = "call mom,call the dentist,water the plants,take out the trash,buy milk,pay the rent,send the email,walk the dog,feed the cat,pick up the kids,do the laundry,clean the kitchen,read the report,charge the phone,lock the door,drink some water,take my medicine,book the flight,finish the homework,check the oven".split(
    ","
)
TOPICS = "the moon,the sun,black holes,the ocean,history,computers,music,football,the weather,cooking,dogs,volcanoes,robots,mars,electricity,the heart,trees,painting,trains,languages".split(
    ","
)
UNITS = [
    ("miles", "kilometers"),
    ("pounds", "kilograms"),
    ("inches", "centimeters"),
    ("feet", "meters"),
    ("celsius", "fahrenheit"),
    ("liters", "gallons"),
    ("ounces", "grams"),
    ("hours", "minutes"),
    ("days", "hours"),
]


def number(n: int) -> str:
    if n < 0:
        return "minus " + number(-n)
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + ("" if n % 10 == 0 else " " + ONES[n % 10])
    if n < 1000:
        return (
            ONES[n // 100]
            + " hundred"
            + ("" if n % 100 == 0 else " and " * (n % 2) + " " * (1 - n % 2) + number(n % 100))
        )
    if n < 1000000:
        return number(n // 1000) + " thousand" + ("" if n % 1000 == 0 else " " + number(n % 1000))
    return number(n // 1000000) + " million" + ("" if n % 1000000 == 0 else " " + number(n % 1000000))


def ordinal(n: int) -> str:
    words = number(n).split()
    w = words[-1]
    words[-1] = ORD.get(w, (w[:-1] + "ieth") if w.endswith("y") else w + "th")
    return " ".join(words)


def small(r):
    return number(
        r.choice([r.randint(1, 12), r.randint(1, 60), r.choice([5, 10, 15, 20, 25, 30, 45, 50, 60, 90])])
    )


def anynum(r):
    return number(
        r.choice(
            [
                r.randint(0, 20),
                r.randint(0, 100),
                r.randint(0, 1000),
                r.randint(0, 10000),
                r.randint(1900, 2030),
            ]
        )
    )


def clock(r):
    h, m = r.randint(1, 12), r.choice([0, 0, 5, 10, 15, 20, 30, 40, 45, 50, r.randint(1, 59)])
    if m == 0:
        return number(h) + r.choice(
            [" o'clock", " a m", " p m", " in the morning", " in the evening", " in the afternoon"]
        )
    if m == 30 and r.random() < 0.3:
        return "half past " + number(h)
    if m == 15 and r.random() < 0.3:
        return "quarter past " + number(h)
    return (
        number(h)
        + " "
        + ("oh " if m < 10 else "")
        + number(m)
        + r.choice(["", "", " a m", " p m", " in the morning", " tonight"])
    )


def date(r):
    return r.choice(
        [
            f"{r.choice(MONTHS)} {ordinal(r.randint(1, 31))}",
            f"the {ordinal(r.randint(1, 31))} of {r.choice(MONTHS)}",
            r.choice(DAYS),
            "next " + r.choice(DAYS),
            "tomorrow",
            "today",
            "tonight",
            "this weekend",
            "next week",
        ]
    )


def duration(r):
    return (
        f"{small(r)} {r.choice(['seconds', 'minutes', 'minutes', 'minutes', 'hours', 'days'])}"
        if r.random() < 0.9
        else r.choice(["one minute", "one hour", "half an hour", "an hour and a half", "a minute"])
    )


def fact(r):
    n = r.choice(NAMES)
    return r.choice(
        [
            (f"my favorite color is {r.choice(COLORS)}", "favorite color"),
            (f"my name is {n}", "name"),
            (f"my {r.choice(ANIMALS)} is called {n}", "pet"),
            (
                f"my {r.choice(['sister', 'brother', 'mother', 'father', 'wife', 'husband', 'boss', 'friend', 'doctor', 'teacher'])} is called {n}",
                "person",
            ),
            (f"i live in {r.choice(CITIES)}", "home"),
            (f"my birthday is {r.choice(MONTHS)} {ordinal(r.randint(1, 31))}", "birthday"),
            (f"my {r.choice(OBJ)} {r.choice(['is', 'are'])} in the {r.choice(PLACES)}", "thing"),
            (f"i like {r.choice(FOODS)}", "food"),
            (f"i am allergic to {r.choice(FOODS)}", "allergy"),
            (f"my meeting is at {clock(r)}", "meeting"),
            (f"the code is {' '.join(number(r.randint(0, 9)) for _ in range(4))}", "code"),
            (f"i parked on level {small(r)}", "parking"),
        ]
    )[0]


def arithmetic(r):
    a, b = anynum(r), r.choice([small(r), anynum(r)])
    return r.choice(
        [
            f"{a} plus {b}",
            f"{a} minus {b}",
            f"{a} times {b}",
            f"{a} divided by {b}",
            f"{small(r)} percent of {a}",
            f"{a} multiplied by {b}",
            f"the square root of {a}",
            f"{a} squared",
            f"half of {a}",
        ]
    )


OPEN = [
    "",
    "",
    "",
    "",
    "please ",
    "hey ",
    "okay ",
    "can you ",
    "could you ",
    "can you please ",
    "could you please ",
    "i want you to ",
    "would you ",
    "now ",
    "hey can you ",
    "i'd like you to ",
]
CLOSE = ["", "", "", "", " please", " thanks", " for me", " now", " right now", " thank you"]


def command(r):
    room = r.choice(ROOMS)
    return r.choice(
        [
            lambda: f"set a timer for {duration(r)}",
            lambda: f"start a {duration(r).replace('minutes', 'minute').replace('seconds', 'second').replace('hours', 'hour')} timer",
            lambda: f"set an alarm for {clock(r)}",
            lambda: f"wake me up at {clock(r)}",
            lambda: f"wake me up in {duration(r)}",
            lambda: r.choice(
                [
                    "cancel the timer",
                    "stop the timer",
                    "cancel my alarm",
                    "pause the timer",
                    "delete the alarm",
                    "snooze the alarm",
                    "add five minutes to the timer",
                ]
            ),
            lambda: f"remind me to {r.choice(TASKS)} {r.choice(['', 'at ' + clock(r), 'in ' + duration(r), date(r), 'when i get home'])}",
            lambda: f"remember that {fact(r)}",
            lambda: f"remember {fact(r)}",
            lambda: f"forget that {fact(r)}",
            lambda: f"make a note that {fact(r)}",
            lambda: f"turn {r.choice(['on', 'off'])} the {r.choice(THINGS)} in the {room}",
            lambda: f"turn the {room} {r.choice(THINGS)} {r.choice(['on', 'off'])}",
            lambda: f"turn {r.choice(['on', 'off'])} the {r.choice(THINGS)}",
            lambda: f"dim the lights to {small(r)} percent",
            lambda: f"make the lights {r.choice(COLORS)}",
            lambda: f"set the temperature to {small(r)} degrees",
            lambda: f"turn {r.choice(['up', 'down'])} the volume",
            lambda: f"set the volume to {small(r)}",
            lambda: r.choice(
                [
                    "mute",
                    "unmute",
                    "volume up",
                    "volume down",
                    "louder",
                    "quieter",
                    "a bit louder",
                    "speak slower",
                    "speak faster",
                ]
            ),
            lambda: f"play {r.choice(['some music', 'some jazz', 'the news', 'my favorite song', 'classical music', 'the next song', 'the radio', 'a podcast', 'relaxing music', 'the last song again'])}",
            lambda: r.choice(
                [
                    "pause the music",
                    "stop the music",
                    "next song",
                    "skip this song",
                    "previous song",
                    "resume",
                    "pause",
                    "continue",
                ]
            ),
            lambda: f"add {r.choice(OBJ)} {r.choice(['', 'and ' + r.choice(OBJ)])} to my shopping list",
            lambda: f"tell me a {r.choice(['joke', 'story', 'fun fact', 'riddle', 'short story', 'secret', 'poem', 'bedtime story'])}",
            lambda: f"tell me about {r.choice(TOPICS)}",
            lambda: f"tell me more about {r.choice(TOPICS)}",
            lambda: f"tell me the {r.choice(['time', 'date', 'news', 'weather', 'time please', 'day of the week'])}",
            lambda: f"call {r.choice(NAMES)}",
            lambda: f"send a message to {r.choice(NAMES)} saying {r.choice(['i will be late', 'i am on my way', 'see you soon', 'thank you', 'happy birthday', 'call me back', 'dinner is ready', 'good luck'])}",
            lambda: f"open the {r.choice(['door', 'window', 'garage', 'calendar', 'browser', 'camera', 'blinds', 'settings'])}",
            lambda: f"close the {r.choice(['door', 'window', 'garage', 'blinds', 'curtains'])}",
            lambda: f"translate {r.choice(['good morning', 'thank you', 'where is the station', 'how much is it', 'good night'])} into {r.choice(['french', 'spanish', 'german', 'italian', 'japanese'])}",
            lambda: f"convert {anynum(r)} {' to '.join(r.choice(UNITS))}",
            lambda: f"calculate {arithmetic(r)}",
            lambda: f"count to {small(r)}",
            lambda: f"repeat {r.choice(['that', 'the last sentence', 'after me', 'what you said', 'that again', 'the question'])}",
            lambda: f"spell {r.choice(NAMES + FOODS + COLORS)}",
            lambda: f"show me the {r.choice(['latency trace', 'system information', 'last result', 'transcript', 'dashboard', 'events', 'performance metrics'])}",
            lambda: f"switch to {r.choice(['push to talk', 'continuous mode', 'another voice', 'the other microphone', 'english'])}",
            lambda: f"run the {r.choice(['demo', 'test', 'demo flow', 'pipeline', 'benchmark'])}",
            lambda: f"start {r.choice(['listening', 'recording', 'the demo', 'a new session', 'the server'])}",
            lambda: f"stop {r.choice(['listening', 'recording', 'talking', 'the demo', 'the server'])}",
        ]
    )()


def question(r):
    return r.choice(
        [
            lambda: r.choice(
                [
                    "what time is it",
                    "what's the time",
                    "what is the time now",
                    "what time is it now",
                    "do you know what time it is",
                    "do you have the time",
                    "what day is it",
                    "what day is it today",
                    "what's the date",
                    "what is the date today",
                    "what is today's date",
                    "what month is it",
                    "what year is it",
                    "which day is it tomorrow",
                ]
            ),
            lambda: r.choice(["what time is it", "what's the time"]) + " in " + r.choice(CITIES),
            lambda: f"what is {arithmetic(r)}",
            lambda: f"what's {arithmetic(r)}",
            lambda: f"how much is {arithmetic(r)}",
            lambda: f"how many {r.choice(UNITS)[1]} are in {anynum(r)} {r.choice(UNITS)[0]}",
            lambda: f"how long is left on {r.choice(['my timer', 'the timer', 'the pizza timer'])}",
            lambda: f"how many days until {date(r)}",
            lambda: f"what is my {r.choice(['name', 'favorite color', 'birthday', 'address', 'favorite food', 'sister called', 'brother called', 'code', 'dog called', 'cat called'])}",
            lambda: f"where {r.choice(['are', 'is'])} my {r.choice(OBJ)}",
            lambda: f"do you remember {r.choice(['my name', 'where i live', 'my birthday', 'what i said', 'my favorite color', 'what i told you', 'where i parked'])}",
            lambda: f"what did i {r.choice(['tell you', 'ask you', 'say'])} {r.choice(['', 'yesterday', 'before', 'about my ' + r.choice(OBJ), 'about ' + r.choice(NAMES)])}",
            lambda: "when is my "
            + r.choice(["birthday", "meeting", "next alarm", "appointment", "next meeting"]),
            lambda: f"what's the weather {r.choice(['', 'like', 'today', 'tomorrow', 'like today', 'in ' + r.choice(CITIES), 'this weekend'])}",
            lambda: f"will it {r.choice(['rain', 'snow', 'be sunny', 'be cold', 'be windy'])} {date(r)}",
            lambda: f"how {r.choice(['cold', 'hot', 'warm', 'windy'])} is it {r.choice(['outside', 'today', 'in ' + r.choice(CITIES), 'right now'])}",
            lambda: f"do i need {r.choice(['an umbrella', 'a jacket', 'a coat', 'sunglasses'])} {date(r)}",
            lambda: r.choice(
                [
                    "who are you",
                    "what are you",
                    "what is your name",
                    "what's your name",
                    "who made you",
                    "how old are you",
                    "where are you from",
                    "what can you do",
                    "how can you help me",
                    "are you a robot",
                    "are you real",
                    "are you listening",
                    "can you hear me",
                    "do you understand me",
                    "how are you",
                    "how are you today",
                    "how are you doing",
                    "how do you feel",
                    "how was your day",
                    "are you there",
                    "do you like music",
                    "do you sleep",
                    "do you have feelings",
                    "what is your favorite color",
                    "what do you think",
                    "are you online",
                    "do you need the internet",
                    "which model are you",
                    "how fast are you",
                    "what are you doing",
                    "what's up",
                    "what's new",
                    "why is that",
                    "why not",
                    "how does that work",
                    "is that true",
                    "are you sure",
                    "can you help me",
                    "can i ask you something",
                    "can you sing",
                    "can you tell me a joke",
                    "do you speak french",
                    "what languages do you speak",
                    "is anyone there",
                ]
            ),
            lambda: f"what is {r.choice(TOPICS)}",
            lambda: f"who is {r.choice(NAMES)}",
            lambda: f"why is {r.choice(['the sky blue', 'the grass green', 'it so cold', 'the sea salty', 'it dark', 'the door open'])}",
            lambda: f"how {r.choice(['far is the moon', 'big is the sun', 'tall is the tower', 'deep is the ocean', 'do planes fly', 'do i make ' + r.choice(FOODS), 'do you spell ' + r.choice(NAMES), 'do i get to ' + r.choice(CITIES), 'long does it take to get to ' + r.choice(CITIES)])}",
            lambda: f"what is the capital of {r.choice(['france', 'spain', 'italy', 'japan', 'england', 'canada', 'australia', 'egypt', 'india', 'brazil', 'germany'])}",
            lambda: f"what should i {r.choice(['eat', 'wear', 'cook', 'do', 'watch', 'read'])} {r.choice(['', 'today', 'tonight', 'tomorrow', 'for dinner', 'for lunch'])}",
            lambda: f"when does the {r.choice(['train', 'bus', 'store', 'bank', 'movie', 'library', 'pharmacy'])} {r.choice(['leave', 'open', 'close', 'start', 'arrive'])}",
            lambda: f"is the {r.choice(THINGS)} {r.choice(['on', 'off', 'open', 'closed'])}",
            lambda: f"how much {r.choice(['memory', 'time', 'battery', 'space'])} {r.choice(['is left', 'do you have', 'do we have', 'are you using'])}",
            lambda: f"what's on my {r.choice(['shopping list', 'calendar', 'calendar today', 'list', 'calendar ' + date(r)])}",
        ]
    )()


def talk(r):
    return r.choice(
        [
            lambda: r.choice(
                [
                    "hello",
                    "hi",
                    "hey",
                    "hi there",
                    "hello there",
                    "good morning",
                    "good afternoon",
                    "good evening",
                    "good night",
                    "goodbye",
                    "bye",
                    "bye bye",
                    "see you later",
                    "see you tomorrow",
                    "thanks",
                    "thank you",
                    "thank you very much",
                    "thanks a lot",
                    "that's all",
                    "that's it",
                    "never mind",
                    "forget it",
                    "stop",
                    "cancel",
                    "quiet",
                    "be quiet",
                    "shut up",
                    "wait",
                    "wait a second",
                    "hold on",
                    "one moment",
                    "yes",
                    "no",
                    "yeah",
                    "nope",
                    "sure",
                    "okay",
                    "ok then",
                    "yes please",
                    "no thanks",
                    "no thank you",
                    "of course",
                    "maybe",
                    "i don't know",
                    "i think so",
                    "not really",
                    "all right",
                    "great",
                    "cool",
                    "nice",
                    "awesome",
                    "wonderful",
                    "perfect",
                    "very good",
                    "well done",
                    "good job",
                    "i see",
                    "really",
                    "wow",
                    "help",
                    "help me",
                    "what",
                    "sorry",
                    "excuse me",
                    "pardon",
                    "say that again",
                    "repeat that",
                    "go on",
                    "tell me more",
                    "louder please",
                    "start over",
                    "try again",
                    "that's wrong",
                    "that's right",
                    "that's not what i said",
                    "you are funny",
                    "i love you",
                    "i like you",
                    "you are smart",
                    "i'm fine",
                    "i am good",
                    "i'm tired",
                    "i'm hungry",
                    "i'm bored",
                    "i'm happy",
                    "i am sad",
                    "i am home",
                    "i'm leaving",
                    "i'm back",
                    "let's go",
                    "let's start",
                    "hurry up",
                    "no problem",
                    "you're welcome",
                    "computer",
                    "assistant",
                    "hey computer",
                    "hello computer",
                    "testing",
                    "testing one two three",
                    "test",
                    "one two three",
                    "is this thing on",
                ]
            ),
            lambda: f"{fact(r)}",
            lambda: f"i {r.choice(['want', 'need', 'have', 'like', 'bought', 'lost', 'found', 'forgot'])} {r.choice(['a', 'some', 'my', 'the'])} {r.choice(OBJ + FOODS + ANIMALS)}",
            lambda: f"i am {r.choice(['going to', 'in', 'from', 'flying to', 'driving to'])} {r.choice(CITIES)} {date(r)}",
            lambda: f"my name is {r.choice(NAMES)}",
            lambda: f"call me {r.choice(NAMES)}",
            lambda: f"today is {date(r)}",
            lambda: f"it is {clock(r)}",
            lambda: f"{anynum(r)}",
            lambda: " ".join(number(r.randint(0, 9)) for _ in range(r.randint(2, 8))),
            lambda: f"{r.choice(NAMES)} and {r.choice(NAMES)} are coming {date(r)}",
            lambda: f"the {r.choice(OBJ + ANIMALS)} {r.choice(['is', 'was', 'will be'])} {r.choice(['in', 'on', 'under', 'near', 'behind'])} the {r.choice(PLACES)}",
            lambda: f"i will be {r.choice(['home', 'back', 'there', 'late', 'ready'])} {r.choice(['at ' + clock(r), 'in ' + duration(r), date(r), 'soon'])}",
            lambda: f"we {r.choice(['need', 'should buy', 'have', 'are out of'])} {r.choice(OBJ)} and {r.choice(FOODS)}",
        ]
    )()


def assistant(r: random.Random) -> str:
    kind = r.random()
    if kind < 0.45:
        s = r.choice(OPEN) + command(r) + r.choice(CLOSE)
    elif kind < 0.78:
        s = (
            r.choice(
                ["", "", "", "hey ", "okay ", "so ", "tell me ", "please tell me ", "and ", "do you know "]
            )
            + question(r)
            + r.choice(["", "", "", "", " please", " today", " again"])
        )
    else:
        s = talk(r) + r.choice(["", "", "", " please", " computer", " " + talk(r)])
    return clean(s.replace("_", " "))


def clean(s: str) -> str:
    s = s.lower().replace("’", "'").replace("-", " ").replace("—", " ")
    s = re.sub(r"[^a-z' ]", " ", s)
    return re.sub(r" +", " ", s).strip()


def general(path: str):
    """Clauses of 3 to 14 words from LJ Speech's metadata (public domain); those with digits are skipped."""
    out = []
    for line in open(path, encoding="utf-8", errors="ignore"):
        text = line.rstrip("\n").split("|")[-1]
        for clause in re.split(r"[,;:.!?()\"“”]+", text):
            if re.search(r"\d", clause):
                continue
            words = clean(clause).split()
            while len(words) >= 3:
                n = min(len(words), 14)
                out.append(" ".join(words[:n]))
                words = words[n:]
    return sorted(set(out))


if __name__ == "__main__":
    r = random.Random(1)
    for _ in range(30):
        print(assistant(r))
    g = general("../../text/lj-metadata.csv")
    print(len(g), g[:5])
    print(len({assistant(r) for _ in range(50000)}))

"""Dialogues for starter-llm: what the voice assistant hears, the tools it calls and what it says.

Every dialogue is a list of (role, text); `assistant` text may hold one <tool_call>, answered by a `tool` turn.
The user's words look like a speech recogniser's: lower case, no punctuation, now and then a slip.
"""

import json, random
from corpus import (
    NAMES,
    CITIES,
    COLORS,
    FOODS,
    TOPICS,
    OBJ,
    ROOMS,
    THINGS,
    DAYS,
    MONTHS,
    fact,
    arithmetic,
    duration,
    number,
    ordinal,
    clock,
    date,
    clean,
    talk,
    small,
)

JOKES = [
    "Why did the computer go to the doctor? It had a virus.",
    "Why was the math book sad? It had too many problems.",
    "What do you call a fish without eyes? A fsh.",
    "Why don't scientists trust atoms? They make up everything.",
    "What do you call cheese that isn't yours? Nacho cheese.",
    "Why did the bicycle fall over? It was two tired.",
    "What gets wetter the more it dries? A towel.",
    "Why did the cookie cry? Its mother was a wafer too long.",
    "What did one wall say to the other? I'll meet you at the corner.",
    "Why can't a nose be twelve inches long? Then it would be a foot.",
]
FACTS = [
    "Honey never spoils.",
    "An octopus has three hearts.",
    "Light from the sun takes about eight minutes to reach us.",
    "Bananas are berries, but strawberries are not.",
    "A day on Venus is longer than its year.",
    "Sharks are older than trees.",
    "The human body has about two hundred and six bones.",
    "Water can boil and freeze at the same time.",
    "A cloud can weigh a million pounds.",
    "Sound travels about four times faster in water than in air.",
]
ABOUT = {
    "the moon": "The moon is Earth's only natural satellite, about 384 thousand kilometers away.",
    "the sun": "The sun is a star. It holds almost all the mass of the solar system.",
    "black holes": "A black hole is a place where gravity is so strong that not even light can leave.",
    "the ocean": "The ocean covers about seventy percent of the Earth.",
    "history": "History is the study of the past. Ask me something smaller, I am only a starter model.",
    "computers": "A computer follows instructions very quickly. I am a program on one.",
    "music": "Music is sound arranged in time. People have made it for at least forty thousand years.",
    "football": "Football is the world's most popular sport, with eleven players in each team.",
    "the weather": "Weather is the state of the air around us. I can't look up a forecast yet.",
    "cooking": "Cooking uses heat to make food tasty and safe.",
    "dogs": "Dogs were the first animals that people tamed, more than fifteen thousand years ago.",
    "volcanoes": "A volcano is an opening where melted rock comes up from inside the Earth.",
    "robots": "A robot is a machine that senses, decides and acts.",
    "mars": "Mars is the fourth planet from the sun. It looks red because of rust.",
    "electricity": "Electricity is the flow of tiny charged particles, mostly electrons.",
    "the heart": "The heart pumps blood, beating about one hundred thousand times a day.",
    "trees": "Trees make oxygen and store carbon. Some live for thousands of years.",
    "painting": "Painting is one of the oldest arts. Cave paintings are over forty thousand years old.",
    "trains": "The first public steam railway opened in 1825.",
    "languages": "People speak about seven thousand languages today.",
}
CAPITALS = {
    "france": "Paris",
    "spain": "Madrid",
    "italy": "Rome",
    "japan": "Tokyo",
    "england": "London",
    "canada": "Ottawa",
    "australia": "Canberra",
    "egypt": "Cairo",
    "india": "New Delhi",
    "brazil": "Brasilia",
    "germany": "Berlin",
}
STARTER = [
    "I can't do that yet. I am the small starter model.",
    "That is beyond the starter model. A larger model can help with that.",
    "I am only the starter model, so I can't help with that yet.",
]
UNSURE = [
    "Sorry, I didn't understand that. I am a small starter model.",
    "I am not sure what you mean. Try asking for the time, a timer or a joke.",
    "I didn't get that. You can ask me for the time, a timer, a sum or a joke.",
]


def call(name, **args):
    return "<tool_call>" + json.dumps({"name": name, "arguments": args}) + "</tool_call>"


def swap(s):
    m = {
        "my": "your",
        "i": "you",
        "am": "are",
        "me": "you",
        "i'm": "you're",
        "mine": "yours",
        "myself": "yourself",
    }
    return " ".join(m.get(w, w) for w in s.split())


def cap(s):
    return s[0].upper() + s[1:]


def time_(r):
    u = r.choice(
        [
            "what time is it",
            "what's the time",
            "what is the time now",
            "tell me the time",
            "do you know what time it is",
            "do you have the time",
            "what time is it now please",
            "can you tell me the time",
            "time please",
            "the time please",
            "hey what time is it",
        ]
    )
    t = f"{r.randint(1, 12)}:{r.randint(0, 59):02d} {r.choice(['AM', 'PM'])}"
    return [
        ("user", u),
        ("assistant", call("get_time")),
        ("tool", json.dumps({"time": t})),
        ("assistant", r.choice([f"It is {t}.", f"It's {t}.", f"The time is {t}."])),
    ]


def date_(r):
    u = r.choice(
        [
            "what day is it",
            "what day is it today",
            "what's the date",
            "what is the date today",
            "what is today's date",
            "tell me the date",
            "what month is it",
            "what year is it",
            "which day is it",
            "what's today's date please",
            "tell me the day of the week",
        ]
    )
    d = f"{cap(r.choice(DAYS))}, {cap(r.choice(MONTHS))} {r.randint(1, 31)}, {r.randint(2024, 2035)}"
    return [
        ("user", u),
        ("assistant", call("get_date")),
        ("tool", json.dumps({"date": d})),
        ("assistant", r.choice([f"Today is {d}.", f"It is {d}."])),
    ]


def timer(r):
    d = duration(r)
    one = d.replace("minutes", "minute").replace("seconds", "second").replace("hours", "hour")
    u = r.choice(
        [
            f"set a timer for {d}",
            f"start a timer for {d}",
            f"set a {one} timer",
            f"start a {one} timer",
            f"timer for {d}",
            f"wake me up in {d}",
            f"remind me in {d}",
            f"can you set a timer for {d} please",
            f"please set a timer for {d}",
        ]
    )
    d = one if f" a {one} timer" in u else d
    return [
        ("user", u),
        ("assistant", call("set_timer", duration=d)),
        ("tool", json.dumps({"ok": True})),
        (
            "assistant",
            r.choice(
                [f"Okay, timer set for {d}.", f"Your timer is set for {d}.", f"Done. {cap(d)}, starting now."]
            ),
        ),
    ]


def calc(r):
    e = arithmetic(r)
    u = (
        r.choice(
            [
                "what is ",
                "what's ",
                "how much is ",
                "calculate ",
                "please calculate ",
                "tell me what is ",
                "can you calculate ",
                "",
            ]
        )
        + e
    )
    v = str(r.choice([r.randint(0, 100), r.randint(0, 5000), round(r.uniform(0, 900), 2)]))
    return [
        ("user", u),
        ("assistant", call("calculate", expression=e)),
        ("tool", json.dumps({"result": v})),
        ("assistant", r.choice([f"{cap(e)} is {v}.", f"That is {v}.", f"It's {v}."])),
    ]


def store(r):
    f = fact(r).replace("_", " ")
    u = (
        r.choice(
            [
                "remember that ",
                "remember ",
                "please remember that ",
                "make a note that ",
                "note that ",
                "can you remember that ",
                "don't forget that ",
            ]
        )
        + f
    )
    return [
        ("user", u),
        ("assistant", call("memory_store", text=f)),
        ("tool", json.dumps({"ok": True})),
        (
            "assistant",
            r.choice(
                [
                    f"Okay, I'll remember that {swap(f)}.",
                    f"Got it. {cap(swap(f))}.",
                    "Okay, I will remember that.",
                ]
            ),
        ),
    ]


RECALL = [
    ("what is my name", "name", "my name is {n}"),
    ("do you remember my name", "name", "my name is {n}"),
    ("what's my name", "name", "my name is {n}"),
    ("what is my favorite color", "favorite color", "my favorite color is {c}"),
    ("what's my favorite color", "favorite color", "my favorite color is {c}"),
    ("do you remember my favorite color", "favorite color", "my favorite color is {c}"),
    ("where do i live", "where i live", "i live in {t}"),
    ("do you remember where i live", "where i live", "i live in {t}"),
    ("when is my birthday", "birthday", "my birthday is {m}"),
    ("do you remember my birthday", "birthday", "my birthday is {m}"),
    ("where are my {o}", "{o}", "my {o} are in the kitchen drawer"),
    ("where is my {o}", "{o}", "my {o} is in the blue bag"),
    ("where did i put my {o}", "{o}", "my {o} are on the top shelf"),
    ("what is my sister called", "sister", "my sister is called {n}"),
    ("what is my dog called", "dog", "my dog is called {n}"),
    ("where did i park", "parked", "i parked on level {k}"),
    ("what is the code", "code", "the code is {k} {k} {k}"),
    ("what do i like", "like", "i like {f}"),
    ("what am i allergic to", "allergic", "i am allergic to {f}"),
    ("when is my meeting", "meeting", "my meeting is at {h}"),
    ("what did i tell you about my {o}", "{o}", "my {o} is in the car"),
]


def recall(r):
    v = dict(
        n=r.choice(NAMES),
        c=r.choice(COLORS),
        t=r.choice(CITIES).replace("_", " "),
        m=f"{r.choice(MONTHS)} {ordinal(r.randint(1, 31))}",
        o=r.choice(OBJ),
        k=number(r.randint(1, 9)),
        f=r.choice(FOODS),
        h=clock(r),
    )
    u, q, m = (s.format(**v) for s in r.choice(RECALL))
    found = r.random() < 0.75
    return [
        ("user", u),
        ("assistant", call("memory_recall", query=q)),
        ("tool", json.dumps({"memories": [m] if found else []})),
        (
            "assistant",
            (
                cap(swap(m)) + "."
                if found
                else r.choice(
                    ["I don't remember that yet. You can tell me.", "You haven't told me that yet."]
                )
            ),
        ),
    ]


def system(r):
    u = r.choice(
        [
            "how much memory are you using",
            "show me the system information",
            "how long have you been running",
            "what version are you",
            "which version are you",
            "give me the system information",
            "are you online",
            "which model are you",
        ]
    )
    v, up, mem = (
        f"0.{r.randint(1, 9)}.{r.randint(0, 9)}",
        f"{r.randint(1, 59)} {r.choice(['minutes', 'hours', 'seconds'])}",
        f"{r.randint(90, 900)} MB",
    )
    return [
        ("user", u),
        ("assistant", call("get_system_info")),
        ("tool", json.dumps({"version": v, "uptime": up, "memory": mem})),
        ("assistant", f"Version {v}, running for {up}, using {mem}."),
    ]


def said(us, answers):
    return lambda r: [("user", r.choice(us)), ("assistant", r.choice(answers))]


SAY = [
    (
        6,
        said(
            [
                "hello",
                "hi",
                "hey",
                "hi there",
                "hello there",
                "good morning",
                "good afternoon",
                "good evening",
                "hey there",
                "hello computer",
                "hey computer",
            ],
            ["Hello! How can I help?", "Hi there. What can I do for you?", "Hello! I'm listening."],
        ),
    ),
    (
        3,
        said(
            ["goodbye", "bye", "bye bye", "good night", "see you later", "see you tomorrow"],
            ["Goodbye!", "See you later.", "Goodbye. Talk to you soon."],
        ),
    ),
    (
        4,
        said(
            [
                "thanks",
                "thank you",
                "thank you very much",
                "thanks a lot",
                "great thanks",
                "good job",
                "well done",
                "perfect",
            ],
            ["You're welcome.", "Any time.", "Happy to help."],
        ),
    ),
    (
        4,
        said(
            [
                "how are you",
                "how are you today",
                "how are you doing",
                "how do you feel",
                "what's up",
                "how was your day",
            ],
            ["I'm doing well, thank you. How are you?", "All systems are running fine. And you?"],
        ),
    ),
    (
        6,
        said(
            [
                "who are you",
                "what are you",
                "what is your name",
                "what's your name",
                "who made you",
                "are you a robot",
                "are you real",
            ],
            [
                "I'm Parley, a voice assistant that runs on this computer.",
                "I'm Parley. I listen, think and speak right here, without the cloud.",
            ],
        ),
    ),
    (
        6,
        said(
            [
                "what can you do",
                "how can you help me",
                "help",
                "help me",
                "can you help me",
                "what can i say",
                "what can i ask you",
            ],
            [
                "I can tell the time and date, set timers, do sums, remember things and tell jokes. Just ask.",
                "Ask me for the time, a timer, a sum or a joke. I can also remember things for you.",
            ],
        ),
    ),
    (
        4,
        said(
            [
                "can you hear me",
                "are you listening",
                "are you there",
                "is this thing on",
                "testing",
                "testing one two three",
                "test",
                "is anyone there",
                "do you understand me",
            ],
            ["Yes, I can hear you.", "Loud and clear.", "I'm here and listening."],
        ),
    ),
    (
        6,
        said(
            [
                "stop",
                "cancel",
                "never mind",
                "forget it",
                "quiet",
                "be quiet",
                "shut up",
                "that's all",
                "that's it",
                "nothing",
                "no thanks",
                "no thank you",
                "hold on",
                "wait",
            ],
            ["Okay.", "Alright.", "Okay, I'll stop."],
        ),
    ),
    (
        3,
        said(
            [
                "yes",
                "yeah",
                "sure",
                "okay",
                "ok",
                "yes please",
                "of course",
                "all right",
                "great",
                "cool",
                "nice",
            ],
            ["Great. What would you like to do?", "Okay. What next?"],
        ),
    ),
    (2, said(["no", "nope", "not really"], ["Okay, no problem.", "Alright."])),
    (
        3,
        said(
            [
                "do you need the internet",
                "where do you run",
                "are you in the cloud",
                "do you send my voice anywhere",
                "is this private",
            ],
            [
                "No. Everything I hear stays on this computer.",
                "I run on this computer. Your voice stays here.",
            ],
        ),
    ),
    (
        3,
        said(
            ["how fast are you", "are you fast", "why are you so fast", "show me the latency trace"],
            [
                "Open the dashboard to see the latency of every stage.",
                "Fast enough to talk with. The dashboard shows every stage.",
            ],
        ),
    ),
    (
        2,
        said(
            ["i love you", "i like you", "you are funny", "you are smart"],
            ["Thank you, that's kind.", "That's nice of you to say."],
        ),
    ),
    (
        3,
        said(
            ["i'm tired", "i am sad", "i'm bored", "i'm hungry"],
            ["I'm sorry to hear that. Would a joke help?", "Take a short break. I can tell you a joke."],
        ),
    ),
    (
        2,
        said(
            ["i'm fine", "i am good", "i'm happy", "i'm good thanks"],
            ["Glad to hear it.", "That's good to hear."],
        ),
    ),
    (
        2,
        said(
            [
                "do you sleep",
                "do you have feelings",
                "what is your favorite color",
                "do you like music",
                "can you sing",
                "how old are you",
            ],
            ["I'm a program, so not the way you do.", "I'm only software, but I like good questions."],
        ),
    ),
    (
        2,
        said(
            ["do you speak french", "what languages do you speak", "do you speak spanish"],
            ["The starter model speaks English only. Larger models speak more."],
        ),
    ),
    (2, said(["why is the sky blue"], ["Air scatters blue light more than red, so the sky looks blue."])),
]


def joke(r):
    return [
        (
            "user",
            r.choice(
                [
                    "tell me a joke",
                    "can you tell me a joke",
                    "please tell me a joke",
                    "tell me another joke",
                    "do you know a joke",
                    "make me laugh",
                    "say something funny",
                    "a joke please",
                    "another one",
                    "another joke please",
                ]
            ),
        ),
        ("assistant", r.choice(JOKES)),
    ]


def fun(r):
    return [
        (
            "user",
            r.choice(
                [
                    "tell me a fun fact",
                    "tell me something interesting",
                    "give me a fun fact",
                    "tell me a secret",
                    "fun fact please",
                    "surprise me",
                ]
            ),
        ),
        ("assistant", r.choice(FACTS)),
    ]


def about(r):
    t = r.choice(TOPICS)
    return [
        (
            "user",
            r.choice(
                [
                    "tell me about ",
                    "what is ",
                    "what are ",
                    "tell me more about ",
                    "do you know about ",
                    "explain ",
                    "can you tell me about ",
                ]
            )
            + t,
        ),
        ("assistant", ABOUT[t]),
    ]


def capital(r):
    c = r.choice(list(CAPITALS))
    return [
        (
            "user",
            r.choice(
                [
                    "what is the capital of ",
                    "what's the capital of ",
                    "capital of ",
                    "tell me the capital of ",
                ]
            )
            + c,
        ),
        ("assistant", f"The capital of {cap(c)} is {CAPITALS[c]}."),
    ]


def name(r):
    n = r.choice(NAMES)
    return [
        ("user", r.choice(["my name is ", "call me ", "i am "]) + n),
        ("assistant", call("memory_store", text=f"my name is {n}")),
        ("tool", json.dumps({"ok": True})),
        ("assistant", f"Nice to meet you, {cap(n)}."),
    ]


def unsupported(r):
    u = r.choice(
        [
            lambda: f"turn {r.choice(['on', 'off'])} the {r.choice(THINGS)}",
            lambda: f"turn {r.choice(['on', 'off'])} the lights in the {r.choice(ROOMS)}",
            lambda: f"what's the weather {r.choice(['', 'today', 'tomorrow', 'like'])}",
            lambda: f"will it rain {date(r)}",
            lambda: f"play {r.choice(['some music', 'the news', 'some jazz'])}",
            lambda: f"call {r.choice(NAMES)}",
            lambda: f"send a message to {r.choice(NAMES)}",
            lambda: f"translate good morning into {r.choice(['french', 'german'])}",
            lambda: f"open the {r.choice(['door', 'window', 'browser'])}",
            lambda: f"add {r.choice(OBJ)} to my shopping list",
            lambda: f"what's on my calendar {date(r)}",
            lambda: f"when does the {r.choice(['train', 'bus', 'store'])} {r.choice(['leave', 'open'])}",
            lambda: f"how do i get to {r.choice(CITIES)}",
            lambda: f"how do i make {r.choice(FOODS)}",
            lambda: f"who is {r.choice(NAMES)}",
            lambda: "tell me the news",
        ]
    )()
    return [("user", u.replace("_", " ").strip()), ("assistant", r.choice(STARTER))]


def make_unknown(general):
    return lambda r: [("user", r.choice(general)), ("assistant", r.choice(UNSURE))]


def again(r):
    d = one(r)
    last = d[-1][1]
    return d + [
        (
            "user",
            r.choice(
                [
                    "repeat that",
                    "say that again",
                    "what did you say",
                    "pardon",
                    "can you repeat that",
                    "sorry what",
                    "repeat that please",
                ]
            ),
        ),
        ("assistant", last),
    ]


general = ["this is some text"]
KINDS = [
    (9, time_),
    (7, date_),
    (9, timer),
    (10, calc),
    (9, store),
    (9, recall),
    (3, system),
    (6, joke),
    (4, fun),
    (7, about),
    (4, capital),
    (3, name),
    (9, unsupported),
    (7, lambda r: make_unknown(general)(r)),
] + [(w * 0.8, f) for w, f in SAY]
WEIGHTS, FUNCS = [w for w, _ in KINDS], [f for _, f in KINDS]
SYSTEMS = [
    "You are Parley, a helpful voice assistant. Answer in one or two short spoken sentences.",
    "You are a helpful voice assistant.",
    "You are Parley. Be brief and friendly.",
    "You are a voice assistant that runs on this computer. Keep answers short.",
]


def one(r):
    return r.choices(FUNCS, WEIGHTS)[0](r)


def slip(s, r):
    """A speech recogniser's slips: a letter wrong, dropped or doubled, a small word lost or added."""
    w = s.split()
    if r.random() < 0.25 and w:
        i = r.randrange(len(w))
        x = w[i]
        if len(x) > 3 and r.random() < 0.7:
            j = r.randrange(len(x))
            x = r.choice(
                [x[:j] + x[j + 1 :], x[:j] + r.choice("aeioutnsrl") + x[j + 1 :], x[:j] + x[j] + x[j:]]
            )
            w[i] = x
        elif w[i] in ("the", "a", "is", "to", "me", "of", "please") and len(w) > 3:
            w.pop(i)
    if r.random() < 0.08:
        w = [r.choice(["um", "uh", "so", "well", "hey", "okay"])] + w
    return " ".join(w)


def dialogue(r):
    turns = []
    for _ in range(r.choice([1, 1, 1, 2, 2, 3])):
        turns += again(r) if r.random() < 0.04 else one(r)
    keep = {"my name", "remember"}
    turns = [
        (role, slip(t, r) if role == "user" and not any(k in t for k in keep) and r.random() < 0.5 else t)
        for role, t in turns
    ]
    return ([("system", r.choice(SYSTEMS))] if r.random() < 0.85 else []) + turns


if __name__ == "__main__":
    r = random.Random(3)
    for _ in range(12):
        print(dialogue(r))

"""What the assistant knows by heart."""

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

# To requests that it understands and cannot fulfil.
NOT_YET = [
    "I can't do that yet. I am the small starter model.",
    "That is beyond the starter model. A larger model can help with that.",
    "I am only the starter model, so I can't help with that yet.",
]

# To what it does not understand.
UNSURE = [
    "Sorry, I didn't understand that. I am a small starter model.",
    "I am not sure what you mean. Try asking for the time, a timer or a joke.",
    "I didn't get that. You can ask me for the time, a timer, a sum or a joke.",
]

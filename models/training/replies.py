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
    "What do you call a bear with no teeth? A gummy bear.",
    "Why did the scarecrow win a prize? He was outstanding in his field.",
    "What do you call a sleeping dinosaur? A dino snore.",
    "Why can't you trust stairs? They are always up to something.",
    "What has ears but cannot hear? A field of corn.",
    "Why did the golfer bring two pairs of pants? In case he got a hole in one.",
    "What do clouds wear under their coats? Thunderwear.",
    "How does the moon cut its hair? Eclipse it.",
    "What kind of music do planets like? Neptunes.",
    "Why did the tomato turn red? It saw the salad dressing.",
    "What did the ocean say to the beach? Nothing, it just waved.",
    "Why are ghosts bad liars? You can see right through them.",
    "What do you call a snowman in summer? A puddle.",
    "Why did the banana go to the doctor? It was not peeling well.",
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
    "The heart of a blue whale is about as large as a small car.",
    "Cows have four compartments in their stomach.",
    "The Eiffel Tower is a little taller in summer, because iron grows with heat.",
    "Wombats make droppings shaped like cubes.",
    "A group of flamingos is called a flamboyance.",
    "A bolt of lightning is about five times hotter than the surface of the sun.",
    "Butterflies taste with their feet.",
    "Saturn would float in water, if there were a bath large enough.",
    "The shortest war in history lasted less than an hour.",
    "Snails can sleep for months when it is too dry.",
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
    "cats": "Cats sleep for more than half of the day and see well in the dark.",
    "birds": "Birds are the living descendants of dinosaurs.",
    "bees": "Bees tell each other where flowers are by dancing.",
    "water": "Water is made of hydrogen and oxygen. It covers most of the Earth.",
    "gold": "Gold is a soft, heavy metal that does not rust.",
    "jupiter": "Jupiter is the largest planet of the solar system.",
    "venus": "Venus is the hottest planet. Thick clouds keep its heat in.",
    "saturn": "Saturn is the planet with the bright rings, made of ice and rock.",
    "earthquakes": "An earthquake is the ground shaking when rock slips deep inside the Earth.",
    "rainbows": "A rainbow appears when raindrops split sunlight into its colors.",
    "gravity": "Gravity pulls things with mass toward each other. It keeps us on the ground.",
    "whales": "Whales are mammals. The blue whale is the largest animal that ever lived.",
    "elephants": "Elephants are the largest animals on land. They live in families.",
    "coffee": "Coffee is made from the roasted seeds of a fruit that looks like a cherry.",
    "chocolate": "Chocolate is made from the seeds of the cacao tree.",
    "mountains": "Mountains rise where plates of the Earth push together. Everest is the highest.",
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
    "portugal": "Lisbon",
    "greece": "Athens",
    "austria": "Vienna",
    "belgium": "Brussels",
    "poland": "Warsaw",
    "sweden": "Stockholm",
    "norway": "Oslo",
    "denmark": "Copenhagen",
    "finland": "Helsinki",
    "ireland": "Dublin",
    "hungary": "Budapest",
    "russia": "Moscow",
    "china": "Beijing",
    "mexico": "Mexico City",
    "argentina": "Buenos Aires",
    "chile": "Santiago",
    "peru": "Lima",
    "kenya": "Nairobi",
    "thailand": "Bangkok",
    "turkey": "Ankara",
    "iceland": "Reykjavik",
    "cuba": "Havana",
}

# Of which it knows no more than that they are countries.
UNKNOWN_COUNTRIES = (
    "mongolia nepal bolivia ghana senegal estonia latvia slovenia croatia albania jamaica panama uruguay paraguay "
    "cambodia laos oman qatar jordan yemen zambia uganda rwanda malta cyprus fiji samoa belize"
).split()

# To requests that it understands and cannot fulfil.
NOT_YET = [
    "I can't do that yet. I am the small starter model.",
    "That is beyond the starter model. A larger model can help with that.",
    "I am only the starter model, so I can't help with that yet.",
]
NO_ALARM = [
    "I can't set an alarm for a time of day yet. I can set a timer.",
    "I only have timers so far. Tell me how long, and I will set one.",
]

# To questions whose answer it does not know.
UNKNOWN = [
    "I don't know about that. I am the small starter model.",
    "I don't know that yet. A larger model can help with that.",
]

# To what it does not understand.
UNSURE = [
    "Sorry, I did not catch that.",
    "Sorry, I did not catch that. Please say it again.",
    "Sorry, I did not catch that. You can ask me for the time, a timer, a sum or a joke.",
]

HOW_LONG = ["For how long?", "Sure. For how long?"]

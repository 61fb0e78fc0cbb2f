"""More words for dialogues than the recogniser's sentences have: what is copied right must be met in great variety."""

from words import CITIES, COLORS, FOODS, NAMES, OBJECTS, PLACES

ALL_NAMES = [
    *NAMES,
    *(
        "adam alex amanda amir amy andrew angela anthony arthur barbara ben bella brian caroline carlos catherine charlie "
        "chloe chris claire dan dennis diana dorothy edward eleanor elizabeth ella eric ethan eva fatima felix fiona "
        "frank fred gabriel grace hannah harry henry hugo ian ingrid isabel ivan jack jacob jane jason jennifer jessica "
        "joe jonathan joseph josh julia karen kevin kim kyle leo liam linda louis lucas lucy lukas margaret maria marie "
        "martin matthew maya max megan mia mohammed natalie nathan nick nicole noah nora oliver olivia oscar pamela "
        "patrick paul philip priya rachel rebecca richard rosa ruth ryan sam samantha samuel sandra sebastian simon "
        "sofia stephen steven susan theodore thomas tim tina tony victor victoria vincent walter wendy william yusuf zoe"
    ).split(),
]
ALL_CITIES = [
    *CITIES,
    *(
        "amsterdam athens atlanta auckland austin baltimore bangkok barcelona beijing birmingham bristol brussels "
        "budapest cambridge cleveland copenhagen dallas denver detroit edinburgh florence frankfurt geneva glasgow "
        "hamburg helsinki houston istanbul jakarta kyoto lagos leeds lisbon liverpool manchester melbourne miami milan "
        "montreal mumbai munich nairobi naples nashville oslo oxford philadelphia phoenix portland prague seoul "
        "shanghai singapore stockholm tampa tunis vancouver venice vienna warsaw washington zurich"
    ).split(),
    *("san francisco", "los angeles", "cape town", "hong kong", "rio de janeiro", "mexico city", "salt lake city"),
]
ALL_COLORS = [*COLORS, *"turquoise violet silver gold beige crimson indigo maroon teal navy lavender".split()]
ALL_FOODS = [
    *FOODS,
    *(
        "almonds apricots avocado bacon beans beef broccoli burgers cabbage cake carrots cauliflower celery cherries corn "
        "cookies cucumbers curry dumplings garlic ginger grapes ham honey lamb lasagna lemons lentils lobster mangoes "
        "melon mushrooms noodles nuts oatmeal olives onions oranges pancakes peaches peanuts pears peppers pineapple "
        "plums popcorn pork potatoes pudding pumpkin raspberries salmon sausages shellfish shrimp spinach steak "
        "strawberries tofu tomatoes tuna turkey waffles walnuts yogurt zucchini"
    ).split(),
    *("ice cream", "peanut butter", "apple pie", "fried chicken", "orange juice", "green tea", "dark chocolate"),
]
ALL_OBJECTS = [
    *OBJECTS,
    *(
        "backpack badge bicycle binoculars blanket bracelet briefcase broom bucket calculator calendar candle cards "
        "compass contract diary documents drill earrings envelope file flashlight gloves guitar hammer hat headphones "
        "helmet jacket key ladder laptop letter lighter luggage magazine map medicine microphone mirror necklace "
        "notebook paintbrush pencil pillow pliers printer raincoat receipt ring rope ruler scarf scissors screwdriver "
        "shoes socks speaker stamps stapler suitcase sunglasses sweater tablet tape telescope tent ticket toolbox "
        "toothbrush towel violin visa watch whistle wrench"
    ).split(),
    *("car keys", "house key", "birth certificate", "winter coat", "spare tire", "first aid kit", "hard drive"),
]
ALL_PLACES = [
    *PLACES,
    *("attic", "basement", "glove compartment", "green box", "bottom drawer", "hall cupboard", "laundry room"),
    *("shoe box", "filing cabinet", "bathroom cabinet", "red suitcase", "gym bag", "safe", "shed", "top drawer"),
    *("bookshelf", "pantry", "trunk of the car", "left pocket of my jacket", "box under the bed", "fridge"),
]
RELATIVES = (
    "sister brother mother father wife husband boss friend doctor teacher son daughter uncle aunt cousin neighbor "
    "landlord dentist roommate grandmother grandfather partner nephew niece"
).split()
PETS = "dog cat bird horse rabbit fish hamster turtle parrot puppy kitten pony goldfish".split()
EVENTS = (
    "meeting appointment flight interview exam party dinner lunch class lesson concert wedding train bus game "
    "practice rehearsal presentation haircut checkup"
).split()
THINGS_OWNED = (
    "address password locker phone license bus hotel gate seat flight account order membership badge invoice"
).split()
HOBBIES = (
    "chess gardening swimming painting cycling hiking reading cooking fishing dancing photography running climbing "
    "singing tennis football basketball knitting sailing skiing yoga"
).split()
# What it is asked about and knows nothing of.
UNKNOWN_TOPICS = [
    *("quantum physics", "the stock market", "the election", "bitcoin", "the football scores", "the roman empire"),
    *("photosynthesis", "the french revolution", "jazz", "opera", "philosophy", "the pyramids", "dinosaurs", "taxes"),
    *("the president", "the prime minister", "the queen", "shakespeare", "einstein", "mozart", "chemistry", "algebra"),
    *("the news", "traffic", "the internet", "artificial intelligence", "vaccines", "the middle ages", "golf", "cars"),
    *("the economy", "inflation", "movies", "the world cup", "the olympics", "submarines", "bridges", "the vikings"),
]

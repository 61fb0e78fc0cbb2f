"""The words that sentences and dialogues are filled with."""

DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
ROOMS = ["kitchen", "bedroom", "living room", "office", "bathroom", "hallway", "garage", "garden", "dining room"]
THINGS = "lights lamp fan heater music radio television tv alarm camera door window blinds thermostat".split()
CITIES = [
    *("london", "paris", "berlin", "tokyo", "new york", "madrid", "rome", "sydney"),
    *("chicago", "boston", "seattle", "toronto", "dublin", "delhi", "moscow", "cairo"),
]
NAMES = (
    "anna james maria john sarah michael emma david lisa tom alice robert peter sophie daniel laura george helen "
    "mark kate"
).split()
COLORS = "red blue green yellow orange purple pink white black brown gray".split()
FOODS = ("pizza pasta sushi rice bread chocolate coffee tea salad soup apples bananas cheese eggs chicken fish").split()
ANIMALS = "dog cat bird horse rabbit fish hamster turtle".split()
OBJECTS = (
    "milk bread eggs butter cheese apples coffee sugar paper batteries soap keys wallet phone charger book umbrella "
    "passport glasses"
).split()
PLACES = [
    *("kitchen drawer", "desk", "top shelf", "car", "blue bag", "garage", "bedroom closet", "coat pocket"),
    "living room table",
]
TASKS = [
    *("call mom", "call the dentist", "water the plants", "take out the trash", "buy milk", "pay the rent"),
    *("send the email", "walk the dog", "feed the cat", "pick up the kids", "do the laundry", "clean the kitchen"),
    *("read the report", "charge the phone", "lock the door", "drink some water", "take my medicine"),
    *("book the flight", "finish the homework", "check the oven"),
]
TOPICS = [
    *("the moon", "the sun", "black holes", "the ocean", "history", "computers", "music", "football", "the weather"),
    *("cooking", "dogs", "volcanoes", "robots", "mars", "electricity", "the heart", "trees", "painting", "trains"),
    "languages",
]
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

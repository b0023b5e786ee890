"""What the people of the invented past are called and what they wrote: few words, all made up."""

from __future__ import annotations

GIVEN = (
    "Ada", "Aino", "Alba", "Amara", "Anouk", "Arlo", "Asha", "Bo", "Bram", "Cai", "Celia", "Cleo", "Dara", "Dov",
    "Edda", "Efe", "Elin", "Emre", "Enzo", "Esi", "Faye", "Femi", "Finn", "Gala", "Gus", "Hana", "Hugo", "Ida", "Ilse",
    "Imre", "Iris", "Ivar", "Jade", "Joan", "Joris", "Juno", "Kai", "Karin", "Kofi", "Lars", "Leda", "Lior", "Luca",
    "Maia", "Malin", "Marek", "Mina", "Nadia", "Nils", "Noor", "Odil", "Olga", "Omar", "Otis", "Paz", "Petra", "Priya",
    "Rafa", "Rania", "Remy", "Rhea", "Runa", "Sadie", "Samir", "Sena", "Signe", "Sol", "Suri", "Tamar", "Teo", "Thea",
    "Tilo", "Uma", "Ugo", "Vanja", "Veda", "Viggo", "Wanda", "Wren", "Yael", "Yusuf", "Zadie", "Zara", "Zora",
)  # fmt: skip
FAMILY = (
    "Abara", "Achterberg", "Adler", "Aguirre", "Ahlgren", "Alder", "Amsel", "Anand", "Arden", "Ashby", "Bakker",
    "Barros", "Beck", "Bellamy", "Berg", "Bianchi", "Birch", "Blake", "Bright", "Calder", "Castell", "Chandra", "Cole",
    "Crane", "Dahl", "Darrow", "Delgado", "Dorn", "Drake", "Ekman", "Ellery", "Farrow", "Fenn", "Ferreira", "Field",
    "Frost", "Gallo", "Garner", "Gray", "Haas", "Hale", "Hartley", "Heron", "Holm", "Ito", "Jansen", "Juhl", "Kane",
    "Keller", "Kerr", "Kovar", "Lark", "Lind", "Lorca", "Lowe", "Maas", "Marlow", "Mensah", "Merle", "Moreno", "Nair",
    "Nash", "Noble", "North", "Novak", "Oduya", "Orr", "Paget", "Park", "Perrin", "Petrov", "Pike", "Quill", "Ramos",
    "Reed", "Reyes", "Rook", "Rowan", "Sand", "Sato", "Shaw", "Silva", "Sorrel", "Stern", "Stone", "Sutter", "Tanaka",
    "Thorne", "Vale", "Varga", "Vogel", "Wald", "Weaver", "West", "Wilder", "Winter", "Wolfe", "Yates", "Zeller",
)  # fmt: skip
ASKED = (
    "The first week went slowly. Is that all right?",
    "I did the practice twice, on the two quieter days.",
    "I could not read on this week. I would like to go on next week.",
    "The part about small steps made sense to me.",
    "My back was worse on Tuesday, so I took the short version.",
    "I wrote down what I want to try. Could you look at it?",
    "Walking to the shop worked. I rested before and after.",
    "I am not sure which practice to keep.",
)
ANSWERED = (
    "Thank you for writing. Slow is fine; keep the size of the step and leave the number of days open.",
    "Thank you. I read what you planned, and it looks like a size that you can do on a harder day too.",
    "It is good to hear from you. Go on where you stopped, whenever it fits; nothing is lost.",
    "Thank you for telling me. Take the short version as long as you need it. We speak again this week.",
    "I have read it. Try it three times and tell me how it went, whichever way it goes.",
)
CLOSING = "Brought in from an earlier record: spoken with, and closed with this reason."
COMPLAINTS = {
    "waiting": "It took too long until somebody called me back.",
    "lessons": "The second lesson was much too long for a bad week.",
    "privacy": "My name stood on the screen in the waiting room.",
    "letter-or-call": "The letter came after I had already been discharged.",
    "something-else": "Nobody told me where to park.",
}

"""The ten classes of Fashion-MNIST: their names, pictograms and colours, for everything that shows them."""

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

CLASS_ICONS = ("👕", "👖", "🧶", "👗", "🧥", "👡", "👔", "👟", "👜", "🥾")

# Chosen by a random search for the largest smallest distance between any two of them (OKLab) as seen
# with normal vision and with simulated protanopia, deuteranopia and tritanopia; a test holds that distance.
CLASS_COLORS = (
    "#719ac3",
    "#2323dc",
    "#0f8900",
    "#f34673",
    "#654a1b",
    "#fe9b00",
    "#58d99b",
    "#b15bff",
    "#a5088e",
    "#e7afff",
)

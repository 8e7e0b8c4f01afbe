"""What a file is by its first bytes, whatever its name says, and what to do about it if it is no picture we read."""

import re

AS_JPEG = "save or export it as JPEG first"
AS_SCREENSHOT = "open it and take a screenshot of the garment"
AS_FRAME = "take a still from it"
UNPACK = "unpack it first"
NO_PICTURE = "choose the picture itself"

# The beginnings of files that are read.
_READ = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"\xff\xd8"), "JPEG"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "WebP"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"BM.{8}.{3}\x00[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL), "BMP"),
)

# The beginnings of files that people take for pictures: pattern, what it is, what to do. The first that fits counts.
_OTHERS = (
    (rb"%PDF", "a PDF document", AS_SCREENSHOT),
    (rb"PK(\x03\x04|\x05\x06)", "a ZIP archive or an office document", UNPACK),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a compressed archive", UNPACK),
    (rb"II\*\x00.{4}CR|FUJIFILMCCD-RAW|IIRO|IIU\x00", "a camera's raw picture", AS_JPEG),
    (rb"II[*+]\x00|MM\x00[*+]", "a TIFF picture", AS_JPEG),
    (rb".{4}ftypavi[fs]", "an AVIF picture", AS_JPEG),
    (rb".{4}ftyp(hei|hev|mif1|msf1)", "a HEIC picture, as iPhones take them", AS_JPEG),
    (rb".{4}ftypcrx", "a camera's raw picture", AS_JPEG),
    (rb".{4}(ftyp|moov|mdat|wide|free)|\x1aE\xdf\xa3|RIFF.{4}AVI |\x00\x00\x01\xba|FLV\x01", "a video", AS_FRAME),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "a JPEG XL picture", AS_JPEG),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 picture", AS_JPEG),
    (rb"8BPS", "a Photoshop document", AS_JPEG),
    (rb"gimp xcf", "a GIMP document", AS_JPEG),
    (rb"\x00\x00\x01\x00|\x00\x00\x02\x00", "an icon", AS_JPEG),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript document", AS_SCREENSHOT),
    (rb"P[1-7]\s", "a PNM picture", AS_JPEG),
    (rb"\x00\x00\x08[\x01\x03]", "the data set's own IDX file", "open it on the page Gallery"),
    (rb"\x93NUMPY", "a NumPy array", "save it as PNG first"),
    (rb"ID3|OggS|fLaC|RIFF.{4}WAVE", "a sound", NO_PICTURE),
    (rb"MZ|\x7fELF", "a program", NO_PICTURE),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), name, advice) for pattern, name, advice in _OTHERS)

# How much of a file its kind is judged by.
_HEAD = 4096


def name_format(content: bytes) -> str | None:
    """Return which of the formats that are read a file begins as, or None."""
    return next((name for pattern, name in _READ if pattern.match(content)), None)


def name_other(content: bytes) -> str:
    """Say in a few words what a file is that is no picture of ours, and what to do about it."""
    for pattern, name, advice in _PATTERNS:
        if pattern.match(content):
            return f"{name}; {advice}"
    head = content[:_HEAD]
    if not head.strip(b"\x00"):
        return "a file that holds only zeros, as a copy that failed leaves behind; fetch it again"
    return _name_text(head) or "a file of an unknown kind; choose another"


def _name_text(head: bytes) -> str | None:
    text = _decode(head)
    if text is None:
        return None
    text = text.lstrip("\ufeff \t\r\n").lower()
    if re.search(r"<svg[\s>]", text):
        return f"an SVG drawing; {AS_SCREENSHOT}"
    if text.startswith("<!doctype html") or "<html" in text:
        return "a web page; save the picture itself, not the page around it"
    if text.startswith("<?xml"):
        return f"an XML document; {NO_PICTURE}"
    if text.startswith("data:image/"):
        return "a picture written as text; save it as a file first"
    return f"a text; {NO_PICTURE}"


def _decode(head: bytes) -> str | None:
    """Return a file's beginning as text, or None if it is none."""
    for encoding in ("utf-16",) if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "latin-1"):
        try:
            # The last character may be cut in two.
            text = head.decode(encoding, "strict" if len(head) < _HEAD else "ignore")
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]", text):
            return text
    return None

"""Writes pages whose reading order is known: PDFs with text, pictures of some of them, and a manifest.json.

    order.py FOLDER [--each N]

Beside each page lies its truth: lines and cells in reading order, one a line. An empty line ends a chain: what follows
it need not be read right after what stands before it (the two columns of a form may be read either way).
"""
import argparse
import json
import pathlib
import random

import pypdfium2
from fpdf import FPDF
from PIL import Image

FONTS = pathlib.Path("/usr/share/fonts")
WORDS = {
    "eng": "the harbour was closed when new ships came from north and their crews asked for bread water work nobody had "
           "given them any answer before spring because every office in town stayed empty until morning paper arrived",
    "deu": "der Hafen blieb geschlossen weil neue Schiffe aus dem Norden kamen und ihre Leute nach Brot Wasser Arbeit "
           "fragten niemand konnte ihnen vor dem Frühling eine Antwort geben denn jedes Amt der Stadt stand lange leer",
    "fra": "le port était fermé quand de nouveaux bateaux venaient du nord et leurs équipages cherchaient pain eau travail "
           "personne ne pouvait donner une réponse avant printemps car chaque bureau en ville restait vide hier matin",
    "spa": "el puerto estaba cerrado cuando nuevos barcos llegaban desde norte y sus hombres pedían pan agua trabajo nadie "
           "podía darles respuesta antes de primavera porque cada oficina del pueblo seguía vacía hasta mañana",
    "pol": "port był zamknięty kiedy nowe statki przyszły z północy a ich załogi pytały o chleb wodę pracę nikt nie mógł "
           "dać im odpowiedzi przed wiosną ponieważ każdy urząd w mieście stał pusty aż do rana",
    "rus": "порт был закрыт когда новые корабли пришли с севера и их люди просили хлеба воды работы никто не мог дать им "
           "ответа до весны потому что каждая контора в городе стояла пустой до самого утра",
    "ell": "το λιμάνι ήταν κλειστό όταν νέα πλοία ήρθαν από βορρά και οι άνθρωποι ζητούσαν ψωμί νερό δουλειά κανείς δεν "
           "μπορούσε να δώσει απάντηση πριν άνοιξη γιατί κάθε γραφείο στην πόλη έμενε άδειο ως πρωί",
    "ara": "كان الميناء مغلقا عندما جاءت سفن جديدة من الشمال وطلب رجالها خبزا وماء وعملا ولم يستطع أحد أن يعطيهم جوابا قبل "
           "الربيع لأن كل مكتب في المدينة بقي فارغا حتى الصباح",
    "heb": "הנמל היה סגור כאשר אוניות חדשות באו מן הצפון ואנשיהן ביקשו לחם מים עבודה איש לא יכול לתת להם תשובה לפני האביב "
           "כי כל משרד בעיר עמד ריק עד הבוקר",
    "jpn": "港 は 閉じて いた が 新しい 船 が 北 から 来て 乗組員 は 水 と 食料 を 求めた 誰も 春 まで 返事 を しなかった 町 の 役所 "
           "は 朝 まで 空 で あった",
}
FROM_RIGHT = {"ara", "heb"}
LEARN_KINDS, CHECK_KINDS = [], []


def kind(check_only=False):
    """A function that sets a page; with `check_only` its kind is never learnt from."""
    def note(function):
        CHECK_KINDS.append(function)
        if not check_only:
            LEARN_KINDS.append(function)
        return function
    return note


class Page:
    """An A4 page in points. Lines are collected and drawn at the end, in one of the orders that producers use."""

    def __init__(self, language, seed):
        self.random = random.Random(seed)
        self.language, self.words = language, WORDS[language].split()
        self.pdf = FPDF(unit="pt", format="A4")
        self.pdf.add_page()
        self.pdf.set_auto_page_break(False)
        self.pdf.c_margin = 0
        face = self.random.choice(["DejaVuSans", "DejaVuSerif"]) if language not in FROM_RIGHT else "DejaVuSans"
        file = "opentype/ipafont-gothic/ipag.ttf" if language == "jpn" else f"truetype/dejavu/{face}.ttf"
        self.pdf.add_font("text", "", FONTS / file)
        self.pdf.set_text_shaping(language in FROM_RIGHT)
        self.size = self.random.uniform(8, 11.5)
        self.lead = self.random.uniform(1.15, 1.45)
        self.justified = self.random.random() < 0.5
        self.chains, self.draws = [], []
        self.left, self.right, self.top = 50, 545, self.random.uniform(50, 80)

    def mirrored(self, x, width=0.0):
        return self.left + self.right - x - width if self.language in FROM_RIGHT else x

    def measure(self, text, size):
        self.pdf.set_font("text", size=size)
        return self.pdf.get_string_width(text)

    def chain(self):
        self.chains.append([])

    def set(self, text, x, y, size=None, align="left", told=True):
        """One line whose reading starts at x, or ends there (`right`)."""
        size = size or self.size
        width = self.measure(text, size)
        at = x if align == "left" else x - width
        self.draws.append((self.mirrored(at, width), y, size, text))
        if told:
            self.chains[-1].append(text)
        return y + size * self.lead

    def sentence(self, least=5, most=14):
        text = [self.random.choice(self.words) for _ in range(self.random.randint(least, most))]
        gap = "" if self.language == "jpn" else " "
        text = gap.join(text)
        return text[0].upper() + text[1:] + ("。" if self.language == "jpn" else ".")

    def phrase(self, least=1, most=3):
        gap = "" if self.language == "jpn" else " "
        text = gap.join(self.random.choice(self.words) for _ in range(self.random.randint(least, most)))
        return text[0].upper() + text[1:]

    def amount(self, most=900):
        whole, cents = self.random.randint(1, most), self.random.randint(0, 99)
        return f"{whole}.{cents:02}" if self.language == "eng" else f"{whole},{cents:02}"

    def broken(self, text, width, size):
        units, gap = (list(text), "") if self.language == "jpn" else (text.split(), " ")
        lines, line = [], units[0]
        for unit in units[1:]:
            if self.measure(line + gap + unit, size) > width:
                lines.append(line)
                line = unit
            else:
                line += gap + unit
        return lines + [line]

    def prose(self, x, y, width, bottom, size=None, most=99, indent=None):
        """Paragraphs down to `bottom`, or `most` lines."""
        size = size or self.size
        indent = self.random.choice([0, 12]) if indent is None else indent
        while most > 0 and y + size < bottom:
            text = " ".join(self.sentence() for _ in range(self.random.randint(2, 6)))
            lines = self.broken(text.replace(" ", "") if self.language == "jpn" else text, width - indent, size)
            for i, line in enumerate(lines):
                if y + size >= bottom or most <= 0:
                    break
                full = self.justified and i + 1 < len(lines) and " " in line and self.language not in FROM_RIGHT
                if full:
                    start = x + (indent if i == 0 else 0)
                    rest = x + width - start - self.measure(line.replace(" ", ""), size)
                    step = min(rest / (len(line.split()) - 1), size)
                    for word in line.split():
                        self.set(word, start, y, size, told=False)
                        start += self.measure(word, size) + step
                    self.chains[-1].append(line)
                else:
                    self.set(line, x + (indent if i == 0 else 0), y, size)
                y += size * self.lead
                most -= 1
            y += 0 if indent else size * 0.6
        return y

    def heading(self, x, y, width, factor=1.7, centred=False):
        size = self.size * factor
        text = self.phrase(3, 8)
        while self.measure(text, size) > width:
            size *= 0.9
        at = x + (width - self.measure(text, size)) / 2 if centred else x
        return self.set(text, at, y, size) + size * 0.3

    def box(self, x, y, width, height):
        self.pdf.set_fill_color(190)
        self.pdf.rect(self.mirrored(x, width), y, width, height, style="F")

    def write(self, file):
        drawn = self.random.choice(["as read", "by height", "as read", "mixed"])
        if drawn == "by height":
            self.draws.sort(key=lambda d: round(d[1]))
        elif drawn == "mixed":
            self.random.shuffle(self.draws)
        for x, y, size, text in self.draws:
            self.pdf.set_font("text", size=size)
            if self.language in FROM_RIGHT:
                # Only cells are shaped and set from right to left. Their baseline is 0.8 of their height down.
                self.pdf.set_xy(x, y - 0.8 * size)
                self.pdf.cell(h=size, text=text)
            else:
                self.pdf.text(x, y, text)
        self.pdf.output(str(file))
        return "\n\n".join("\n".join(chain) for chain in self.chains if chain) + "\n"


def columns(page, y, count, bottom, uneven=False, subheads=True, left=None, right=None):
    left, right = left or page.left, right or page.right
    gutter = page.random.uniform(11, 26)
    width = (right - left - gutter * (count - 1)) / count
    for i in range(count):
        x, end = left + i * (width + gutter), bottom - (page.random.uniform(0, 200) if uneven else 0)
        at = y + (page.random.uniform(0, 8) if uneven else 0)
        while at + 3 * page.size < end:
            if subheads and page.random.random() < 0.4:
                at = page.set(page.phrase(1, 3), x, at + page.size * 0.4, page.size * 1.1)
            at = page.prose(x, at, width, end, most=page.random.randint(6, 30)) + page.size * 0.3


@kind()
def two_columns(page):
    page.chain()
    y = page.top
    if page.random.random() < 0.6:
        y = page.heading(page.left, y, page.right - page.left, 2, page.random.random() < 0.5)
    columns(page, y, 2, page.random.uniform(400, 780))


@kind()
def three_columns(page):
    page.chain()
    page.size = min(page.size, 9)
    y = page.top
    if page.random.random() < 0.6:
        y = page.heading(page.left, y, page.right - page.left, 2.2, True)
        y = page.prose(page.left, y, page.right - page.left, 800, most=3)
    columns(page, y + 8, 3, page.random.uniform(300, 780))


@kind(check_only=True)
def heading_over_two_of_three(page):
    page.chain()
    page.size = min(page.size, 9)
    third, y = (page.right - page.left) / 3, page.top
    first = page.random.random() < 0.5
    bottom = page.random.uniform(350, 760)
    narrow = page.left if first else page.left + 2 * third + 8

    def lone():
        page.prose(narrow, y, third - 16, bottom)

    if first:
        lone()
    x = page.left + third if first else page.left
    below = page.heading(x, y + page.size, 2 * third - 10, 2.2)
    columns(page, below, 2, bottom, left=x, right=x + 2 * third - 8)
    if not first:
        lone()


@kind()
def newspaper(page):
    y = page.top
    page.size = min(page.size, 9)
    page.chain()
    y = page.heading(page.left, y, page.right - page.left, 3, True)
    for _ in range(page.random.randint(2, 3)):
        page.chain()
        y = page.heading(page.left, y + 14, page.right - page.left, page.random.uniform(1.6, 2.4))
        end = y + page.random.uniform(130, 220)
        columns(page, y, page.random.choice([2, 3, 3]), end, uneven=page.random.random() < 0.5, subheads=False)
        y = end + page.size


@kind()
def sidebar(page):
    on_left = page.random.random() < 0.5
    width = page.random.uniform(85, 150)
    gap = page.random.uniform(14, 30)
    y = page.top
    page.chain()
    y = page.heading(page.left, y, page.right - page.left, 2) + 10
    side_x = page.left if on_left else page.right - width
    main_x = page.left + width + gap if on_left else page.left
    main = page.right - page.left - width - gap

    def side():
        page.chain()
        at, small = y + page.random.uniform(0, 9), page.size * page.random.uniform(0.8, 1)
        if page.random.random() < 0.5:
            at = page.set(page.phrase(1, 2), side_x, at, small * 1.2)
            for _ in range(page.random.randint(4, 12)):
                at = page.set(page.phrase(1, 2), side_x, at, small) + page.random.choice([0, 4])
        else:
            page.prose(side_x, at, width, y + page.random.uniform(80, 400), small)

    if on_left:
        side()
    page.chain()
    page.prose(main_x, y, main, page.random.uniform(450, 780))
    if not on_left:
        side()


@kind()
def menu(page):
    page.chain()
    count, y = page.random.choice([1, 2, 2]), page.top
    y = page.heading(page.left, y, page.right - page.left, 2.2, True) + 16
    gutter = page.random.uniform(20, 45)
    width = (page.right - page.left - gutter * (count - 1)) / count
    leaders, same = page.random.random() < 0.3, page.random.random() < 0.6
    pitch = page.random.uniform(1.0, 1.5)
    for i in range(count):
        page.chain()
        x, at = page.left + i * (width + gutter), y + (0 if same else page.random.uniform(0, 10))
        for _ in range(page.random.randint(2, 3)):
            at = page.set(page.phrase(1, 2), x, at + page.size, page.size * 1.25)
            for _ in range(5 if same else page.random.randint(3, 7)):
                name, price = page.phrase(1, 4), page.amount(40)
                while page.measure(name, page.size) > width - 60:
                    name = page.phrase(1, 2)
                if leaders:
                    dots = (width - page.measure(name, page.size) - 50) / page.measure(".", page.size)
                    page.set(" " + "." * int(dots), x + page.measure(name, page.size), at, told=False)
                page.set(name, x, at)
                page.set(price, x + width, at, align="right")
                at += page.size * page.lead * pitch


def address(page, x, y, least=3):
    page.chain()
    for i in range(page.random.randint(least, 5)):
        text = page.phrase(1, 2) if i != 1 else f"{page.phrase(1, 1)} {page.random.randint(1, 200)}"
        y = page.set(text if i != 2 else f"{page.random.randint(10000, 99999)} {page.phrase(1, 1)}", x, y)
    return y


def pairs(page, x, width, y, count, mark=True):
    for _ in range(count):
        page.chain()
        page.set(page.phrase(1, 2) + (":" if mark else ""), x, y)
        value = page.random.choice([page.phrase(1, 2), f"{page.random.randint(1, 28):02}.{page.random.randint(1, 12):02}.2024",
                                    str(page.random.randint(1000, 99999))])
        page.set(value, x + width, y)
        y += page.size * page.lead * 1.1
    return y


@kind()
def letter(page):
    y = page.top
    if page.random.random() < 0.5:
        page.chain()
        page.set(page.phrase(2, 3), page.left, y, page.size * 1.6)
        y += 50
    end = address(page, page.left, y, 4)
    if page.random.random() < 0.7:
        x = page.random.uniform(330, 380)
        end = max(end, pairs(page, x, 85, y + page.random.choice([0, 0, 5]), page.random.randint(3, 5), page.random.random() < 0.7))
    page.chain()
    y = page.set(page.phrase(3, 6), page.left, end + 40, page.size * 1.15) + 10
    y = page.prose(page.left, y, page.right - page.left, 700, most=page.random.randint(8, 25))
    page.chain()
    page.set(page.phrase(2, 3), page.left, y + 20)
    if page.random.random() < 0.5:
        footer(page, 755)


def footer(page, y):
    """What companies print at the foot of a letter: small columns."""
    count = page.random.randint(3, 4)
    body, page.size = page.size, page.size * 0.72
    for i in range(count):
        page.chain()
        x, at = page.left + i * (page.right - page.left) / count, y
        for _ in range(page.random.randint(2, 4)):
            number = str(page.random.randint(10**5, 10**9))
            at = page.set(page.random.choice([page.phrase(1, 2), f"{page.phrase(1, 1)[:6]}: {number}", number]), x, at)
    page.size = body


@kind()
def ledger(page):
    """Days, words and amounts."""
    page.chain()
    y, balance = page.heading(page.left, page.top, page.right - page.left) + 12, page.random.random() < 0.5
    for _ in range(page.random.randint(6, 25)):
        page.set(f"{page.random.randint(1, 28):02}/{page.random.randint(1, 12):02}", page.left, y)
        page.set(page.phrase(1, 5), page.left + page.random.choice([60, 60, 75]), y)
        page.set(page.amount(), page.right - 90, y, align="right")
        if balance:
            page.set(page.amount(9000), page.right, y, align="right")
        y += page.size * page.lead


@kind()
def signatures(page):
    """Places to sign, side by side under prose."""
    page.chain()
    y = page.prose(page.left, page.top, page.right - page.left, 500, most=page.random.randint(4, 20)) + 50
    count = page.random.choice([2, 2, 3])
    for i in range(count):
        page.chain()
        at = y
        for _ in range(page.random.randint(2, 4)):
            at = page.set(page.phrase(1, 2), page.left + i * (page.right - page.left) / count, at)


@kind()
def wrapped_table(page):
    """A table one of whose cells takes several lines."""
    page.chain()
    y = page.heading(page.left, page.top, page.right - page.left) + 12
    width, gap = page.random.uniform(130, 220), page.random.choice([3, 8])
    for _ in range(page.random.randint(4, 9)):
        page.chain()
        page.set(str(page.random.randint(1, 99)), page.left, y)
        lines = page.broken(page.sentence(4, 14), width, page.size)
        page.set(lines[0], page.left + 40, y)
        page.set(str(page.random.randint(1, 20)), page.left + width + 100, y, align="right")
        page.set(page.amount(), page.right - 80, y, align="right")
        page.set(page.amount(), page.right, y, align="right")
        y += page.size * page.lead
        page.chain()
        for line in lines[1:]:
            y = page.set(line, page.left + 40, y)
        y += gap


@kind()
def invoice(page):
    y = page.top
    page.chain()
    y = page.set(page.phrase(1, 2), page.left, y, page.size * 2) + 20
    mid = page.random.uniform(290, 340)
    shift = page.random.choice([0, 0, 0, 4])
    page.chain()
    page.set(page.phrase(1, 2) + ":", page.left, y, page.size)
    at = y + page.size * page.lead
    one = address_on(page, page.left, at)
    page.chain()
    page.set(page.phrase(1, 2) + ":", mid, y + shift, page.size)
    two = address_on(page, mid, at + shift)
    y = max(one, two) + 25
    if page.random.random() < 0.5:
        y = pairs(page, page.left, 120, y, page.random.randint(2, 4)) + 20
    y = table(page, y, page.random.randint(3, 5), page.random.randint(4, 12), True) + 12
    for _ in range(3):
        page.chain()
        page.set(page.phrase(1, 2), page.right - 180, y)
        y = page.set(page.amount(), page.right, y, align="right")


def address_on(page, x, y):
    for i in range(page.random.randint(3, 4)):
        y = page.set(page.phrase(1, 2) if i != 1 else f"{page.phrase(1, 1)} {page.random.randint(1, 200)}", x, y)
    return y


def table(page, y, columns_, rows, numbers, x=None, width=None):
    page.chain()
    x, width = x or page.left, width or page.right - page.left
    first = page.random.uniform(0.3, 0.5) * width
    step = (width - first) / (columns_ - 1)
    pitch = page.random.uniform(1.1, 1.9)
    texts = [not numbers or (page.random.random() < 0.2) for _ in range(columns_)]
    for row in range(rows + 1):
        for i in range(columns_):
            room = (first if i == 0 else step) - 12
            text = page.phrase(1, 4 if i == 0 else 2)
            while page.measure(text, page.size) > room and len(text) > 3:
                text = page.phrase(1, 1)[:max(3, len(text) - 3)]
            if i and row and not texts[i]:
                text = page.amount(9) if room < 50 else page.amount()
            if i and not texts[i]:
                page.set(text, x + first + step * i, y, align="right")
            else:
                page.set(text, x if i == 0 else x + first + step * (i - 1) + 8, y)
        y += page.size * page.lead * pitch
    return y


@kind()
def table_of_words(page):
    page.chain()
    y = page.heading(page.left, page.top, page.right - page.left) + 10
    y = page.prose(page.left, y, page.right - page.left, 400, most=6) + 14
    y = table(page, y, page.random.randint(2, 4), page.random.randint(5, 20), page.random.random() < 0.3) + 14
    page.chain()
    page.prose(page.left, y, page.right - page.left, 780, most=8)


@kind()
def form(page):
    page.chain()
    y = page.heading(page.left, page.top, page.right - page.left) + 12
    mark = page.random.random() < 0.7
    if page.random.random() < 0.6:
        count = page.random.randint(4, 10)
        one = pairs(page, page.left, 110, y, count, mark)
        two = pairs(page, page.left + 260, 110, y, count + page.random.randint(-1, 1), mark)
        y = max(one, two)
    else:
        y = pairs(page, page.left, page.random.uniform(110, 220), y, page.random.randint(6, 16), mark)
    page.chain()
    page.prose(page.left, y + 20, page.right - page.left, 780, most=6)


@kind(check_only=True)
def footnotes(page):
    count = page.random.choice([1, 2, 2])
    bottom = page.random.uniform(550, 650)
    page.chain()
    columns(page, page.top, count, bottom)
    page.chain()
    small, y = page.size * 0.8, bottom + 22
    if page.random.random() < 0.5:
        for i in range(page.random.randint(2, 4)):
            y = page.set(f"{i + 1} {page.sentence(8, 12)}", page.left, y, small)
    else:
        page.prose(page.left, y, page.right - page.left, 780, small, most=4)
    page.chain()
    page.set(str(page.random.randint(2, 300)), 295, 805)


@kind(check_only=True)
def captions(page):
    """Two columns; in one of them a picture with small words under it."""
    width = (page.right - page.left - 20) / 2
    page.chain()
    picture = page.random.randint(0, 1)
    for i in range(2):
        x, y = page.left + i * (width + 20), page.top
        if i == picture:
            y = page.prose(x, y, width, page.random.uniform(200, 350))
            page.box(x, y + 4, width, 110)
            rest = page.chains[-1]
            page.chain()
            y = page.prose(x, y + 130, width, 700, page.size * 0.82, most=page.random.randint(1, 3), indent=0) + 10
            page.chains.append(rest[:0])
        page.prose(x, y, width, 740)


@kind()
def receipt(page):
    page.chain()
    x, width, y = 60, page.random.uniform(180, 260), page.top
    for _ in range(3):
        text = page.phrase(1, 3)
        y = page.set(text, x + max(0, (width - page.measure(text, page.size)) / 2), y)
    y += 10
    for _ in range(page.random.randint(5, 15)):
        page.set(page.phrase(1, 3), x, y)
        y = page.set(page.amount(60), x + width + 40, y, align="right")
        if page.random.random() < 0.3:
            y = page.set(f"{page.random.randint(2, 9)} x {page.amount(9)}", x + 10, y)
    page.set(page.phrase(1, 1), x, y + 8, page.size * 1.3)
    page.set(page.amount(), x + width + 40, y + 8, page.size * 1.3, align="right")


@kind()
def terms(page):
    """Terms and what they mean, side by side; a term stands on the first line of its meaning."""
    page.chain()
    y = page.heading(page.left, page.top, page.right - page.left) + 12
    width = page.random.uniform(80, 150)
    for _ in range(page.random.randint(4, 12)):
        term = page.phrase(1, 2)
        while page.measure(term, page.size) > width - 12:
            term = page.phrase(1, 1)
        page.set(term, page.left, y)
        y = page.prose(page.left + width, y, page.right - page.left - width, 790, most=page.random.randint(1, 4), indent=0)
        y += page.random.choice([0, 4, 8])
        if y > 740:
            break


@kind()
def margin_notes(page):
    page.chain()
    page.prose(page.left + 130, page.top, page.right - page.left - 130, page.random.uniform(500, 780))
    y = page.top + page.random.uniform(10, 60)
    for _ in range(page.random.randint(2, 5)):
        page.chain()
        y = page.prose(page.left, y, 105, 700, page.size * 0.8, most=page.random.randint(2, 5), indent=0) + page.random.uniform(10, 90)


@kind()
def contents(page):
    page.chain()
    y = page.heading(page.left, page.top, page.right - page.left) + 12
    for i in range(page.random.randint(8, 25)):
        page.set(f"{i + 1} {page.phrase(2, 6)}", page.left, y)
        y = page.set(str(i * 3 + 1), page.right, y, align="right") + 3


@kind()
def lists(page):
    """Two or three lists side by side, of the same pitch, with a heading each."""
    page.chain()
    y = page.heading(page.left, page.top, page.right - page.left) + 12
    count = page.random.choice([2, 2, 3])
    step = (page.right - page.left) / count
    rows, bullet = page.random.randint(4, 10), page.random.choice(["• ", "- ", "", "1"])
    for i in range(count):
        page.chain()
        at = page.set(page.phrase(1, 1), page.left + i * step, y, page.size * 1.2) + 3
        for row in range(rows + page.random.randint(-1, 1)):
            mark = f"{row + 1}. " if bullet == "1" else bullet
            text = page.phrase(1, 4)
            while page.measure(mark + text, page.size) > step - 14:
                text = page.phrase(1, 2)
            at = page.set(mark + text, page.left + i * step, at)
    page.chain()
    page.prose(page.left, y + (rows + 4) * page.size * page.lead, page.right - page.left, 780, most=7)


@kind(check_only=True)
def cards(page):
    """Addresses in a grid."""
    count = page.random.choice([2, 3])
    step, y = (page.right - page.left) / count, page.top
    for _ in range(page.random.randint(2, 5)):
        ends = [address(page, page.left + i * step, y) for i in range(count)]
        y = max(ends) + page.random.uniform(14, 30)


@kind(check_only=True)
def schedule(page):
    page.chain()
    y = page.heading(page.left, page.top, page.right - page.left) + 12
    for i in range(page.random.randint(6, 14)):
        page.set(f"{8 + i // 2:02}:{i % 2 * 30:02}", page.left, y)
        page.set(page.phrase(2, 5), page.left + 70, y)
        y = page.set(page.phrase(1, 2), page.left + 370, y) + 4


def picture(pdf, file, chance):
    """A grey picture of the page as a scanner would make it: 150 to 300 dpi, a little askew."""
    dpi = chance.choice([150, 200, 300])
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil().convert("L")
    image = image.rotate(chance.uniform(-0.7, 0.7), Image.Resampling.BICUBIC, fillcolor=255)
    image.save(file, dpi=(dpi, dpi))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--each", type=int, default=4, help="pages of each kind and split")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    manifest = []
    for split, kinds, first in [("learn", LEARN_KINDS, 1), ("check", CHECK_KINDS, 1_000_001)]:
        for k, setter in enumerate(kinds):
            for i in range(arguments.each):
                # The first of each kind is English and the second German: these come as pictures too.
                languages = list(WORDS)
                language = languages[i] if i < 2 else languages[2 + (i - 2 + 3 * k) % (len(languages) - 2)]
                seed = first + 1000 * k + i
                page = Page(language, seed)
                setter(page)
                name = f"{split}-{setter.__name__}-{i}-{language}"
                pdf = arguments.folder / f"{name}.pdf"
                (arguments.folder / f"{name}.txt").write_text(page.write(pdf))
                entry = {"kind": "order", "set": setter.__name__, "gt": f"{name}.txt", "lang": language, "pages": 1, "split": split}
                manifest.append({"path": pdf.name, **entry})
                if i < 2:
                    picture(pdf, arguments.folder / f"{name}.png", random.Random(seed))
                    manifest.append({"path": f"{name}.png", **entry})
    (arguments.folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()

//! The table of goods of a bill, over as many sheets as it needs, with sums that are carried forward.

use crate::papers::bill::{Bill, Item};
use crate::papers::canvas::{Align, BLACK, Canvas, Ink};
use crate::papers::dice::Dice;
use crate::papers::language::Said;
use crate::papers::style::Cents;

/// What is drawn between rows and columns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    Grid,
    Rows,
    Head,
    Shaded,
    Bare,
}

impl Ruling {
    pub(crate) const ALL: [Self; 5] = [Self::Grid, Self::Rows, Self::Head, Self::Shaded, Self::Bare];
}

type Shown = fn(&Bill<'_>, usize, &Item) -> String;

/// A column: what heads it, how wide it is, and what stands in it.
struct Column {
    head: String,
    width: f32,
    align: Align,
    shown: Shown,
}

/// The place of a table on its sheets.
pub(crate) struct Frame {
    pub(crate) start: f32,
    pub(crate) end: f32,
    pub(crate) top: f32,
    /// Where the next sheets begin, and where all of them end.
    pub(crate) next_top: f32,
    pub(crate) bottom: f32,
}

/// A table that is being drawn.
pub(crate) struct GoodsTable<'a, 'b> {
    bill: &'a Bill<'b>,
    columns: Vec<Column>,
    ruling: Ruling,
    ink: Ink,
    frame: Frame,
    /// What a sum that is carried forward is called, before and after the turn of the sheet.
    carried: Option<(String, String)>,
}

impl<'a, 'b> GoodsTable<'a, 'b> {
    pub(crate) fn new(dice: &mut Dice, bill: &'a Bill<'b>, ruling: Ruling, frame: Frame) -> Self {
        let style = bill.style;
        let sums = &style.language.sums;
        let has_turn = bill.kind.has_prices() && dice.chance(70);
        let carried =
            has_turn.then(|| (dice.say(&sums.carried).to_owned(), dice.say(&sums.brought).replace("{n}", "1")));
        let columns = columns(dice, bill, frame.end - frame.start);
        Self { bill, columns, ruling, ink: Ink::plain(style.ink_size), frame, carried }
    }

    /// Draws the table; where it ends on the last sheet.
    pub(crate) fn draw(&self, canvas: &mut Canvas) -> f32 {
        let mut top = self.head(canvas, self.frame.top);
        let mut begin = self.frame.top;
        let mut sum: Cents = 0;
        for (at, item) in self.bill.items.iter().enumerate() {
            let height = self.height(canvas, at, item);
            if top + height > self.frame.bottom - 30.0 {
                if let Some((label, _)) = &self.carried {
                    top = self.carry(canvas, top, label, sum);
                }
                self.end(canvas, begin, top);
                canvas.turn();
                begin = self.frame.next_top;
                top = self.head(canvas, begin);
                if let Some((_, label)) = &self.carried {
                    top = self.carry(canvas, top, label, sum);
                }
            }
            self.row(canvas, at, item, top, height);
            sum += item.amount;
            top += height;
        }
        self.end(canvas, begin, top);
        top
    }

    fn line(&self) -> f32 {
        1.25 * self.ink.size
    }

    fn pad(&self) -> f32 {
        if self.ruling == Ruling::Bare { 1.0 } else { 3.0 }
    }

    /// Cells of a column by its start, with its width.
    fn places(&self) -> impl Iterator<Item = (f32, &Column)> {
        self.columns.iter().scan(self.frame.start, |x, column| {
            let start = *x;
            *x += column.width;
            Some((start, column))
        })
    }

    fn cell(canvas: &mut Canvas, x: f32, y: f32, ink: Ink, column: &Column, text: &str) {
        let x = match column.align {
            Align::Start => x + 3.0,
            Align::Middle => x + column.width / 2.0,
            Align::End => x + column.width - 3.0,
        };
        canvas.text(x, y, ink, column.align, text);
    }

    /// The names of the columns; where the rows begin.
    fn head(&self, canvas: &mut Canvas, top: f32) -> f32 {
        let (start, end) = (self.frame.start, self.frame.end);
        let ink = Ink { is_bold: true, ..self.ink };
        let names: Vec<Vec<String>> =
            self.columns.iter().map(|column| canvas.broken(&column.head, column.width - 4.0, ink)).collect();
        let rows = names.iter().map(Vec::len).max().unwrap_or(1);
        let height = rows as f32 * self.line() + 2.0 * self.pad();
        if self.ruling == Ruling::Shaded {
            canvas.area(start, top, end - start, height, (225, 228, 232));
        }
        for ((x, column), lines) in self.places().zip(&names) {
            for (at, line) in lines.iter().enumerate() {
                let y = top + self.pad() + self.ink.size + at as f32 * self.line();
                Self::cell(canvas, x, y, ink, column, line);
            }
        }
        match self.ruling {
            Ruling::Bare | Ruling::Shaded => {}
            Ruling::Head => canvas.level(start, end, top + height, 1.0),
            Ruling::Grid | Ruling::Rows => {
                canvas.level(start, end, top, 0.6);
                canvas.level(start, end, top + height, 0.6);
            }
        }
        top + height
    }

    fn height(&self, canvas: &Canvas, at: usize, item: &Item) -> f32 {
        let rows =
            |column: &Column| canvas.broken(&(column.shown)(self.bill, at, item), column.width - 6.0, self.ink).len();
        let rows = self.columns.iter().filter(|column| column.align == Align::Start).map(rows).max().unwrap_or(1);
        rows as f32 * self.line() + 2.0 * self.pad()
    }

    fn row(&self, canvas: &mut Canvas, at: usize, item: &Item, top: f32, height: f32) {
        let (start, end) = (self.frame.start, self.frame.end);
        if self.ruling == Ruling::Shaded && at % 2 == 1 {
            canvas.area(start, top, end - start, height, (245, 246, 248));
        }
        let y = top + self.pad() + self.ink.size;
        for (x, column) in self.places() {
            let text = (column.shown)(self.bill, at, item);
            if column.align == Align::Start {
                for (at, line) in canvas.broken(&text, column.width - 6.0, self.ink).iter().enumerate() {
                    Self::cell(canvas, x, y + at as f32 * self.line(), self.ink, column, line);
                }
            } else {
                Self::cell(canvas, x, y, self.ink, column, &text);
            }
        }
        if matches!(self.ruling, Ruling::Grid | Ruling::Rows) {
            canvas.level(start, end, top + height, 0.4);
        }
    }

    fn carry(&self, canvas: &mut Canvas, top: f32, label: &str, sum: Cents) -> f32 {
        let ink = Ink { is_bold: true, ..self.ink };
        let y = top + self.pad() + self.ink.size;
        canvas.text(self.frame.end - 90.0, y, ink, Align::End, label);
        canvas.text(self.frame.end - 3.0, y, ink.of(BLACK), Align::End, &self.bill.style.sum(sum));
        top + self.line() + 2.0 * self.pad()
    }

    /// The rules that only the whole table has.
    fn end(&self, canvas: &mut Canvas, begin: f32, bottom: f32) {
        if self.ruling == Ruling::Grid {
            let borders: Vec<f32> = self.places().map(|(x, _)| x).chain([self.frame.end]).collect();
            for x in borders {
                canvas.rule((x, begin), (x, bottom), 0.5);
            }
            canvas.level(self.frame.start, self.frame.end, bottom, 0.6);
        } else if self.ruling == Ruling::Head {
            canvas.level(self.frame.start, self.frame.end, bottom, 1.0);
        }
    }
}

fn columns(dice: &mut Dice, bill: &Bill<'_>, width: f32) -> Vec<Column> {
    let said = &bill.style.language.columns;
    let mut columns: Vec<Column> = Vec::new();
    let mut add = |dice: &mut Dice, names: &Said, width: f32, align: Align, shown: Shown| {
        columns.push(Column { head: dice.say(names).to_owned(), width, align, shown });
    };
    if dice.chance(50) {
        add(dice, &said.position, 28.0, Align::Start, |_, at, _| (at + 1).to_string());
    }
    if dice.chance(45) {
        add(dice, &said.article, 56.0, Align::Start, |_, _, item| item.article.clone());
    }
    let at = usize::from(dice.chance(15));
    let quantity: Shown = |bill, _, item| {
        if item.quantity % 100 == 0 {
            bill.style.number(item.quantity / 100, 0)
        } else {
            bill.style.number(item.quantity, 2)
        }
    };
    // In some tables the quantity comes before what is sold.
    if at == 1 {
        add(dice, &said.quantity, 50.0, Align::End, quantity);
    }
    add(dice, &said.description, 0.0, Align::Start, |_, _, item| item.description.clone());
    if at == 0 {
        add(dice, &said.quantity, 50.0, Align::End, quantity);
    }
    if dice.chance(50) || !bill.kind.has_prices() {
        add(dice, &said.unit, 40.0, Align::Start, |_, _, item| item.unit.clone());
    }
    if bill.kind.has_prices() {
        add(dice, &said.price, 62.0, Align::End, |bill, _, item| bill.style.amount(item.price));
        let has_several = bill.items.iter().any(|item| item.rate != bill.items[0].rate);
        if has_several || dice.chance(30) {
            add(dice, &said.rate, 40.0, Align::End, |bill, _, item| format!("{}%", bill.style.rate(item.rate)));
        }
        add(dice, &said.amount, 78.0, Align::End, |bill, _, item| bill.style.amount(item.amount));
    }
    let others: f32 = columns.iter().map(|column| column.width).sum();
    for column in &mut columns {
        if column.width == 0.0 {
            column.width = width - others;
        }
    }
    columns
}

//! Originals in which actions are hidden.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "a module of one test program")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

/// Stands in whatever an action would do.
pub const MARK: &str = "Zebra";

/// How the file is written around its objects.
#[derive(Debug, Clone, Copy)]
pub enum Wrapping {
    None,
    ObjectStreams,
    Encrypted,
}

impl Arbitrary for Wrapping {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {
        prop_oneof![Just(Self::None), Just(Self::ObjectStreams), Just(Self::Encrypted)].boxed()
    }
}

/// What actions do: the kind and its entries.
const WHAT: [(&str, &str); 17] = [
    ("JavaScript", "/JS(app.alert\\('Zebra'\\))"),
    ("JavaScript", "/JS 12 0 R"),
    ("Launch", "/F(Zebra.exe)"),
    ("Launch", "/F<</Type/Filespec/F(Zebra.exe)>>/Win<</F(Zebra.exe)/P(Zebra)>>"),
    ("SubmitForm", "/F<</FS/URL/F(http://Zebra.example/)>>/Flags 4"),
    ("ImportData", "/F(Zebra.fdf)"),
    ("GoToR", "/F(Zebra.pdf)/D[0/Fit]"),
    ("GoToE", "/T<</R/C/N(Zebra)>>/D[0/Fit]"),
    ("Thread", "/F(Zebra.pdf)/D 0"),
    ("Sound", "/Sound 11 0 R/Name(Zebra)"),
    ("Movie", "/T(Zebra)/Operation/Play"),
    ("Rendition", "/OP 0/R<</S/MR/N(Zebra)>>/JS(Zebra)"),
    ("RichMediaExecute", "/TA 8 0 R/CMD<</C(Zebra)>>"),
    ("URI", "/URI(javascript:Zebra)"),
    ("URI", "/URI(file:///Zebra)"),
    ("URI", "/URI 13 0 R"),
    ("Named", "/N/Zebra"),
];

/// Where actions stand.
#[derive(Debug, Clone, Copy)]
pub enum Where {
    Link,
    LinkBefore,
    Annotation,
    Page,
    Field,
    Widget,
    FieldAbove,
    ScriptNames,
    Destinations,
    OldDestinations,
    OpenAction,
    Catalog,
    Outline,
    Unknown,
    PropertyList,
    FormStream,
    InstantiatedModel,
    FormOfScripts,
    Popup,
    CatalogWithoutType,
}

const WHERE: [Where; 20] = [
    Where::Link,
    Where::LinkBefore,
    Where::Annotation,
    Where::Page,
    Where::Field,
    Where::Widget,
    Where::FieldAbove,
    Where::ScriptNames,
    Where::Destinations,
    Where::OldDestinations,
    Where::OpenAction,
    Where::Catalog,
    Where::Outline,
    Where::Unknown,
    Where::PropertyList,
    Where::FormStream,
    Where::InstantiatedModel,
    Where::FormOfScripts,
    Where::Popup,
    Where::CatalogWithoutType,
];

/// An action, how it is written, and where it stands.
#[derive(Debug, Clone)]
pub struct Hidden {
    what: (&'static str, &'static str),
    place: Where,
    /// Which letters of names are written by their number.
    escapes: u32,
    /// References on the way to the kind and to the action itself.
    kind_hops: usize,
    hops: usize,
    /// Ordinary actions before it.
    before: usize,
    in_array: bool,
    has_type: bool,
    as_string: bool,
}

impl Arbitrary for Hidden {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {
        let spelling = (any::<u32>(), 0..4_usize, 0..4_usize, 0..4_usize);
        let form = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.1));
        (prop::sample::select(&WHAT[..]), prop::sample::select(&WHERE[..]), spelling, form)
            .prop_map(|(what, place, (escapes, kind_hops, hops, before), (in_array, has_type, as_string))| Self {
                what,
                place,
                escapes,
                kind_hops,
                hops,
                before,
                in_array,
                has_type,
                as_string,
            })
            .boxed()
    }
}

impl Hidden {
    /// The same with at most so many references on the way.
    pub fn within(&self, hops: usize) -> Self {
        Self { hops: self.hops.min(hops), kind_hops: self.kind_hops.min(hops), ..self.clone() }
    }
}

/// A PDF of a page with ordinary links, to which more is added.
pub struct Original {
    objects: BTreeMap<u32, String>,
    annotations: String,
    page: String,
    catalog: String,
    fields: String,
    resources: String,
    script_names: String,
    destinations: String,
    old_destinations: String,
    next: u32,
    /// Whether what is added comes in an update at the end of the file.
    updated: bool,
}

impl Original {
    pub fn new(updated: bool) -> Self {
        let objects = [
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            (4, "<</Length 0>>stream\n\nendstream"),
            (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
            (6, "<</Type/EmbeddedFile/Length 1>>stream\nx\nendstream"),
            (7, "<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 0>>stream\n\nendstream"),
            (8, "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://recto.example/a?b=c#d)>>>>"),
            (9, "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D[3 0 R/XYZ 0 0 0]>>>>"),
            (10, "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(mailto:a@recto.example)>>>>"),
            (11, "<</R 8000/Length 1>>stream\nx\nendstream"),
            (12, "<</Length 12>>stream\nalert(Zebra)\nendstream"),
            (13, "(javascript:Zebra)"),
        ];
        Self {
            objects: objects.map(|(number, text)| (number, text.to_owned())).into(),
            annotations: "8 0 R 9 0 R 10 0 R".to_owned(),
            page: String::new(),
            catalog: String::new(),
            fields: String::new(),
            resources: "/Font<</F1 5 0 R>>".to_owned(),
            script_names: String::new(),
            destinations: String::new(),
            old_destinations: String::new(),
            next: 100,
            updated,
        }
    }

    pub fn annotate(&mut self, annotations: &str) {
        self.annotations += annotations;
    }

    pub fn resources(&mut self, resources: &str) {
        resources.clone_into(&mut self.resources);
    }

    /// Adds an object and gives the reference to it.
    fn add(&mut self, object: String) -> String {
        let number = self.next;
        self.next += 1;
        self.objects.insert(number, object);
        format!("{number} 0 R")
    }

    fn behind(&mut self, hops: usize, object: &str) -> String {
        // A blank keeps what follows a slash from running into what stands before.
        (0..hops).fold(format!(" {object} "), |object, _| format!(" {} ", self.add(object)))
    }

    pub fn hide(&mut self, hidden: &Hidden) {
        let action = self.action(hidden);
        self.place(hidden, &action);
    }

    fn action(&mut self, hidden: &Hidden) -> String {
        let (kind, entries) = hidden.what;
        let kind = if hidden.as_string && kind != "URI" && kind != "Named" {
            format!("({kind})")
        } else {
            name(kind, hidden.escapes)
        };
        let kind = self.behind(hidden.kind_hops, &kind);
        let (s, of_type) = (name("S", hidden.escapes >> 8), name("Type", hidden.escapes >> 9));
        let of_type = if hidden.has_type { format!("{of_type}/Action") } else { String::new() };
        let mut action = self.behind(hidden.hops, &format!("<<{of_type}{s}{kind}{entries}>>"));
        for at in 0..hidden.before {
            let next = name("Next", hidden.escapes >> (10 + at));
            let following = if hidden.in_array { format!("[<</S/GoTo/D[3 0 R/Fit]>>{action}]") } else { action };
            action = self.behind(at % 2, &format!("<</S/GoTo/D[3 0 R/Fit]{next}{following}>>"));
        }
        action
    }

    fn place(&mut self, hidden: &Hidden, action: &str) {
        let key = |key: &str| name(key, hidden.escapes >> 16);
        let annot = "<</Type/Annot/Rect[0 0 9 9]/Subtype";
        let (a, aa) = (key("A"), key("AA"));
        match hidden.place {
            Where::Link => write!(self.annotations, "{annot}/Link{a}{action}>>"),
            Where::LinkBefore => write!(self.annotations, "{annot}/Link{}{action}>>", key("PA")),
            Where::Annotation => write!(self.annotations, "{annot}/Text{aa}<</E{action}/X<</S/GoTo>>>>>>"),
            Where::Page => write!(self.page, "{aa}<</O{action}/C{action}>>"),
            Where::Widget | Where::Field => {
                let entries = if matches!(hidden.place, Where::Field) {
                    format!("{aa}<</K{action}/F{action}/V{action}>>")
                } else {
                    format!("{a}{action}")
                };
                let field = self.add(format!("{annot}/Widget/FT/Tx/T(t{}){entries}>>", self.next));
                write!(self.fields, " {field}").unwrap();
                write!(self.annotations, " {field}")
            }
            Where::FieldAbove => {
                let widget = self.next + 1;
                let above = self.add(format!("<</FT/Tx/T(u{widget})/Kids[{widget} 0 R]{aa}<</C{action}>>>>"));
                let widget = self.add(format!("{annot}/Widget/Parent {above}>>"));
                write!(self.fields, " {above}").unwrap();
                write!(self.annotations, " {widget}")
            }
            Where::ScriptNames => write!(self.script_names, "(n{}){action}", self.next),
            Where::Destinations => {
                write!(self.destinations, "(d{}){action}", self.next).unwrap();
                write!(self.annotations, "{annot}/Link/Dest(d{})>>", self.next)
            }
            Where::OldDestinations => {
                write!(self.old_destinations, "/d{}<</D{action}>>", self.next).unwrap();
                write!(self.annotations, "{annot}/Link/A<</S/GoTo/D/d{}>>>>", self.next)
            }
            Where::OpenAction => write!(self.catalog, "{}{action}", key("OpenAction")),
            Where::Catalog => write!(self.catalog, "{aa}<</WC{action}/DP{action}>>"),
            Where::Outline => {
                let item = self.add(format!("<</Title(t){a}{action}>>"));
                write!(self.catalog, "/Outlines<</First {item}/Last {item}/Count 1>>").unwrap();
                write!(self.annotations, "{annot}/Link/Item {item}>>")
            }
            Where::Unknown => write!(self.page, "/Unknown{}[[{action}]<</Deeper{action}>>]", self.next),
            Where::PropertyList => write!(self.resources, "/Properties{}<</P<</Q{action}>>>>", self.next),
            Where::FormStream => {
                let form = format!("<</Subtype/Form/BBox[0 0 1 1]/Length 0{a}{action}>>stream\n\nendstream");
                let form = self.add(form);
                write!(self.annotations, "{annot}/Stamp/AP<</N {form}>>>>")
            }
            Where::InstantiatedModel => {
                let script = key("OnInstantiate");
                let model = format!("<</Type/3D/Subtype/U3D/Length 0{script} 12 0 R>>stream\n\nendstream");
                let model = self.add(model);
                write!(self.annotations, "{annot}/3D/3DD {model}/A{action}>>")
            }
            Where::FormOfScripts => write!(self.page, "/Form{}<</Fields[]{}[(x) 12 0 R]>>", self.next, key("XFA")),
            Where::Popup => {
                let popup = self.add(format!("{annot}/Popup{a}{action}>>"));
                write!(self.annotations, "{annot}/Text/Popup {popup}>>")
            }
            Where::CatalogWithoutType => {
                let names = self.add(format!("<</Names[(n){action}]>>"));
                write!(self.page, "/Names{}<<{}<</Kids[{names}]>>>>", self.next, key("JavaScript"))
            }
        }
        .unwrap();
        self.next += 1;
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut added = self.objects.clone();
        let page = |entries: &str, annotations: &str, resources: &str| {
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<{resources}>>\
                 /Annots[{annotations}]{entries}>>"
            )
        };
        added.insert(3, page(&self.page, &self.annotations, &self.resources));
        let names = format!("/JavaScript<</Names[{}]>>/Dests<</Names[{}]>>", self.script_names, self.destinations);
        added.insert(
            1,
            format!(
                "<</Type/Catalog/Pages 2 0 R/Names<<{names}>>/Dests<<{}>>{}/AcroForm<</Fields[{}]\
                 /XFA[(x) 12 0 R]/DA<</S/JavaScript/JS(Zebra)>>>>>>",
                self.old_destinations, self.catalog, self.fields
            ),
        );
        let mut first = added.clone();
        if self.updated {
            // What stands first is the page as it was.
            first.insert(3, page("", "8 0 R 9 0 R 10 0 R", "/Font<</F1 5 0 R>>"));
            first.insert(1, "<</Type/Catalog/Pages 2 0 R>>".to_owned());
            first.retain(|number, _| *number < 100);
            added.retain(|number, _| matches!(number, 1 | 3) || *number >= 100);
        }
        let mut bytes = b"%PDF-1.7\n".to_vec();
        let mut before = None;
        for objects in if self.updated { vec![first, added] } else { vec![first] } {
            let mut places = BTreeMap::new();
            for (number, object) in &objects {
                places.insert(*number, bytes.len());
                bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
            }
            let start = bytes.len();
            bytes.extend_from_slice(b"xref\n");
            for (number, place) in places {
                bytes.extend_from_slice(format!("{number} 1\n{place:010} 00000 n \n").as_bytes());
            }
            let previous = before.map(|at| format!("/Prev {at}")).unwrap_or_default();
            let size = self.next + 1;
            let trailer = format!("trailer\n<</Size {size}/Root 1 0 R{previous}>>\nstartxref\n{start}\n%%EOF\n");
            bytes.extend_from_slice(trailer.as_bytes());
            before = Some(start);
        }
        bytes
    }
}

/// A name, some of its letters written by their number.
fn name(name: &str, escapes: u32) -> String {
    let letter = |(at, letter): (usize, char)| {
        if escapes >> (at % 32) & 1 == 1 { format!("#{:02x}", u32::from(letter)) } else { letter.to_string() }
    };
    format!("/{}", name.chars().enumerate().map(letter).collect::<String>())
}

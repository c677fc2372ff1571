//! Files that cannot be understood without each other: circles of imports within a crate.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

use crate::workspace::{read, rust_files};

/// The crates that are held to small circles, and how many files one may have.
const HELD: [&str; 6] =
    ["recto-domain", "recto-extract", "recto-invoice2data", "recto-layout", "recto-tiff", "recto-values"];
const MOST: usize = 4;

/// A module's names from the crate down, without `crate`.
type Path = Vec<String>;

/// What a file takes from others, and what it passes on under its own name. Its tests do not count.
#[derive(Default)]
struct Imports {
    paths: Vec<Path>,
    passed_on: BTreeMap<String, Path>,
    /// How many modules the visit is in that have no file of their own.
    inner: usize,
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|one| one.path().is_ident("cfg") && one.parse_args::<syn::Ident>().is_ok_and(|a| a == "test"))
}

impl Imports {
    /// Adds a path as the module of the file would write it.
    fn add(&mut self, mut path: Path) {
        for _ in 0..self.inner {
            match path.first().map(String::as_str) {
                Some("super") => drop(path.remove(0)),
                Some("crate") => break,
                _ => return,
            }
        }
        self.paths.push(path);
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.inner += 1;
        visit::visit_item_mod(self, item);
        self.inner -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut found = Vec::new();
        leaves(&item.tree, &mut Vec::new(), &mut found);
        for (path, name) in found {
            if self.inner == 0 && !matches!(item.vis, Visibility::Inherited) {
                self.passed_on.insert(name, path.clone());
            }
            self.add(path);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

/// The paths of a tree of imports, each with the name that it gets.
fn leaves(tree: &UseTree, before: &mut Path, found: &mut Vec<(Path, String)>) {
    let with = |name: String| before.iter().cloned().chain([name]).collect::<Path>();
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            leaves(&path.tree, before, found);
            before.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, before, found)),
        UseTree::Name(name) if name.ident == "self" => found.push((before.clone(), before.last().unwrap().clone())),
        UseTree::Name(name) => found.push((with(name.ident.to_string()), name.ident.to_string())),
        UseTree::Rename(rename) => found.push((with(rename.ident.to_string()), rename.rename.to_string())),
        UseTree::Glob(_) => found.push((before.clone(), "*".to_owned())),
    }
}

/// The modules of a crate that have a file of their own.
struct Modules(BTreeMap<Path, Imports>);

impl Modules {
    fn of(name: &str) -> Self {
        let folder = format!("crates/{name}/src/");
        let mut modules = BTreeMap::new();
        for file in rust_files().iter().filter(|file| file.starts_with(&folder)) {
            let parts = file[folder.len()..].trim_end_matches(".rs").split('/');
            let path: Path = parts.filter(|part| !["lib", "mod"].contains(part)).map(str::to_owned).collect();
            let mut imports = Imports::default();
            imports.visit_file(&syn::parse_file(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}")));
            modules.insert(path, imports);
        }
        Self(modules)
    }

    /// The module in whose file that stands to which a path in the module `from` leads.
    fn file_of(&self, from: &[String], path: &[String]) -> Option<Path> {
        let mut module = from.to_vec();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => module.clear(),
            "self" => {}
            "super" => drop(module.pop()),
            first => {
                module.push(first.to_owned());
                self.0.contains_key(&module).then_some(())?;
            }
        }
        rest = &rest[1..];
        while let Some(next) = rest.first() {
            let inner = [module.clone(), vec![next.clone()]].concat();
            if next == "super" {
                module.pop();
            } else if self.0.contains_key(&inner) {
                module = inner;
            } else if let Some(passed_on) = self.0[&module].passed_on.get(next).filter(|path| *path != rest) {
                return self.file_of(&module, passed_on);
            } else {
                break;
            }
            rest = &rest[1..];
        }
        Some(module)
    }

    /// The modules that each takes something from.
    fn taken(&self) -> BTreeMap<Path, BTreeSet<Path>> {
        let of = |(module, imports): (&Path, &Imports)| {
            let taken = imports.paths.iter().filter_map(|path| self.file_of(module, path));
            (module.clone(), taken.filter(|other| other != module).collect())
        };
        self.0.iter().map(of).collect()
    }
}

/// The modules that can be reached from one.
fn reached(from: &Path, taken: &BTreeMap<Path, BTreeSet<Path>>) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        let more = taken.get(module).into_iter().flatten();
        open.extend(more.filter(|one| found.insert((*one).clone())));
    }
    found
}

#[test]
fn no_circle_of_imports_has_more_than_four_files() {
    for name in HELD {
        let taken = Modules::of(name).taken();
        let reached: BTreeMap<_, _> = taken.keys().map(|module| (module, reached(module, &taken))).collect();
        for module in taken.keys() {
            let circle = reached[module].iter().filter(|other| reached[other].contains(module));
            let circle: Vec<_> = circle.map(|path| path.join("::")).collect();
            assert!(circle.len() <= MOST, "{name}: these files import each other: {circle:?}");
        }
    }
}

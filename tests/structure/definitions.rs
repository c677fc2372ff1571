//! What the Rust sources define: every module, item, method, variant and field, under the names that lead to it.

use std::collections::BTreeSet;

use syn::{Fields, ImplItem, Item, TraitItem, Type};

use crate::workspace::{packages, read, rust_files};

/// Definitions, each as the names from its crate down to itself.
pub(crate) struct Definitions(BTreeSet<Vec<String>>);

impl Definitions {
    /// Those of all sources of the workspace; a file that is no Rust fails.
    pub(crate) fn of_workspace() -> Self {
        let crates: Vec<_> =
            packages().into_iter().map(|(folder, package)| (format!("{folder}/src/"), package.name)).collect();
        let mut found = BTreeSet::new();
        for path in &rust_files() {
            let Some((folder, name)) = crates.iter().find(|(folder, _)| path.starts_with(folder.as_str())) else {
                continue;
            };
            let mut modules = vec![name.replace('-', "_")];
            let inner = path.strip_prefix(folder.as_str()).unwrap().trim_end_matches(".rs");
            modules.extend(inner.split('/').filter(|part| !["lib", "main", "mod"].contains(part)).map(str::to_owned));
            found.insert(modules.clone());
            let file = syn::parse_file(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            items(&file.items, &modules, &mut found);
        }
        Self(found)
    }

    /// Whether something has this name. A name of several parts, such as `Page::rules`, may leave out modules that lead
    /// to it, but not change their order.
    pub(crate) fn has(&self, name: &str) -> bool {
        let parts: Vec<_> = name.split("::").collect();
        self.0.iter().any(|path| {
            let mut rest = path.iter().map(String::as_str);
            path.last().map(String::as_str) == parts.last().copied()
                && parts.iter().all(|part| rest.any(|one| one == *part))
        })
    }
}

fn items(items: &[Item], scope: &[String], found: &mut BTreeSet<Vec<String>>) {
    for item in items {
        let mut add = |names: &[&syn::Ident]| {
            found.insert(scope.iter().cloned().chain(names.iter().map(ToString::to_string)).collect());
        };
        match item {
            Item::Const(item) => add(&[&item.ident]),
            Item::Fn(item) => add(&[&item.sig.ident]),
            Item::Static(item) => add(&[&item.ident]),
            Item::Type(item) => add(&[&item.ident]),
            Item::Macro(item) => item.ident.iter().for_each(|ident| add(&[ident])),
            Item::Struct(item) => {
                add(&[&item.ident]);
                if let Fields::Named(fields) = &item.fields {
                    fields
                        .named
                        .iter()
                        .filter_map(|field| field.ident.as_ref())
                        .for_each(|field| add(&[&item.ident, field]));
                }
            }
            Item::Enum(item) => {
                add(&[&item.ident]);
                item.variants.iter().for_each(|variant| add(&[&item.ident, &variant.ident]));
            }
            Item::Trait(item) => {
                add(&[&item.ident]);
                for inner in &item.items {
                    match inner {
                        TraitItem::Fn(inner) => add(&[&item.ident, &inner.sig.ident]),
                        TraitItem::Const(inner) => add(&[&item.ident, &inner.ident]),
                        _ => {}
                    }
                }
            }
            Item::Impl(item) => {
                let Type::Path(of) = &*item.self_ty else { continue };
                let Some(of) = of.path.segments.last() else { continue };
                for inner in &item.items {
                    match inner {
                        ImplItem::Fn(inner) => add(&[&of.ident, &inner.sig.ident]),
                        ImplItem::Const(inner) => add(&[&of.ident, &inner.ident]),
                        _ => {}
                    }
                }
            }
            Item::Mod(item) => {
                add(&[&item.ident]);
                if let Some((_, inner)) = &item.content {
                    let scope: Vec<_> = scope.iter().cloned().chain([item.ident.to_string()]).collect();
                    self::items(inner, &scope, found);
                }
            }
            _ => {}
        }
    }
}

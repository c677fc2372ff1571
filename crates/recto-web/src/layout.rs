//! The common frame of all pages.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Web;
use crate::assets::{ICONS, versioned};
use crate::call::Failure;
use crate::project::Projects;
use crate::session::Session;
use crate::words::sentence;

/// The content security policy: scripts, styles, pictures and forms of this server only, and nothing inline.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// The sections of the site that the navigation rail links to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Batches,
    Review,
    Templates,
    Search,
    Settings,
}

impl Part {
    const ALL: [Self; 5] = [Self::Batches, Self::Review, Self::Templates, Self::Search, Self::Settings];

    fn name(self) -> &'static str {
        match self {
            Self::Batches => "Batches",
            Self::Review => "Review",
            Self::Templates => "Templates",
            Self::Search => "Search",
            Self::Settings => "Settings",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Batches => "/batches",
            Self::Review => "/review",
            Self::Templates => "/templates",
            Self::Search => "/search",
            Self::Settings => "/settings",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Batches => ICONS.batches,
            Self::Review => ICONS.review,
            Self::Templates => ICONS.templates,
            Self::Search => ICONS.search,
            Self::Settings => ICONS.settings,
        }
    }
}

/// The frame of a page for a signed-in person.
pub(crate) struct Frame<'a> {
    web: &'a Web,
    session: &'a Session,
    projects: &'a Projects,
    title: &'a str,
    /// The section that the page belongs to.
    part: Part,
    modules: &'a [&'a str],
    is_wide: bool,
}

impl<'a> Frame<'a> {
    /// A page without modules of its own, in a width that is comfortable to read.
    pub(crate) fn new(web: &'a Web, session: &'a Session, projects: &'a Projects, part: Part, title: &'a str) -> Self {
        Self { web, session, projects, title, part, modules: &[], is_wide: false }
    }

    /// Adds modules that only this page needs.
    pub(crate) fn with(self, modules: &'a [&'a str]) -> Self {
        Self { modules, ..self }
    }

    /// Sets whether the page takes the whole width.
    pub(crate) fn wide(self, is_wide: bool) -> Self {
        Self { is_wide, ..self }
    }
}

impl Frame<'_> {
    /// The section that shows the number of documents left to review.
    const COUNTED: Part = Part::Review;

    /// The complete page around its content.
    pub(crate) fn page(&self, content: &Markup) -> Response {
        let body = html! {
            body {
                a.skip href="#content" { "Skip to the content" }
                header.rail { (self.rail()) }
                main id="content" class=[self.is_wide.then_some("wide")] tabindex="-1" { (content) }
                (keys())
            }
        };
        let modules = ["keys.js", "times.js"].iter().chain(self.modules);
        let page =
            document(self.title, &html! { @for m in modules { script type="module" src=(versioned(m)) {} } }, &body);
        let mut response = ([POLICY], page).into_response();
        if let Some(cookie) = self.session.with_page(self.web) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    fn rail(&self) -> Markup {
        let code = self.session.form_code();
        html! {
            a.mark href="/batches" { "Recto" }
            nav aria-label="Main" {
                @for part in Part::ALL {
                    a href=(part.path()) aria-current=[(part == self.part).then_some("page")] {
                        (PreEscaped(part.icon())) span { (part.name()) }
                        @if let (Self::COUNTED, Some(left @ 1..)) = (part, self.projects.to_review) {
                            span.count { (left) span.hidden { " left" } }
                        }
                    }
                }
            }
            div.rail-end {
                (self.organizations(&code))
                @if self.projects.all.len() > 1 {
                    form.switch method="post" action="/project" {
                        input type="hidden" name="code" value=(code);
                        label for="project" { "Project" }
                        select id="project" name="project" {
                            @for project in &self.projects.all {
                                option value=(project.id) selected[Some(&project.id) == self.projects.chosen.as_ref()] {
                                    (project.name)
                                }
                            }
                        }
                        button type="submit" { "Switch" }
                    }
                } @else if let Some(project) = self.projects.all.first() {
                    p.quiet.project { "Project " bdi { (project.name) } }
                }
                button.plain.live-only id="theme" type="button" { "Dark or light" }
                button.plain.live-only.keys-button id="show-keys" type="button" { "Keys" kbd { "?" } }
                form method="post" action="/sign-out" {
                    input type="hidden" name="code" value=(code);
                    button.plain type="submit" { "Sign out" }
                }
            }
        }
    }
}

impl Frame<'_> {
    /// The organizations that this session has keys of. It is empty unless there are several keys.
    fn organizations(&self, code: &str) -> Markup {
        let session = self.session;
        if session.others.is_empty() {
            return html! {};
        }
        let is_twice = |name: &str| session.keys().filter(|key| key.organization == name).nth(1).is_some();
        html! {
            form.switch method="post" action="/organization" {
                input type="hidden" name="code" value=(code);
                label for="organization" { "Organization" }
                select id="organization" name="key" {
                    @for key in session.keys() {
                        option value=(key.id) selected[key.id == session.key.id] {
                            (key.organization) @if is_twice(&key.organization) { ", " (key.name) }
                        }
                    }
                }
                button type="submit" { "Switch" }
            }
        }
    }
}

/// The keyboard shortcuts, shown by `?` and by a button.
fn keys() -> Markup {
    let rows = [
        ("u", "choose files to send"),
        ("/", "search"),
        ("g b", "batches"),
        ("g r", "review"),
        ("g t", "templates"),
        ("g s", "settings"),
        ("?", "these keys"),
        ("+ −", "zoom in and out, on a page"),
        ("0", "fit the page"),
        ("r", "rotate the page"),
        ("j k", "next and previous page"),
        ("h", "heat map of confidence"),
        ("f", "find on the page"),
        ("Enter", "accept and next, in review"),
        ("e", "edit, in review"),
        ("s z", "skip and undo, in review"),
    ];
    html! {
        dialog id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { "Keys" }
            dl { @for (key, what) in rows { div { dt { kbd { (key) } } dd { (what) } } } }
            form method="dialog" { button type="submit" { "Close" } }
        }
    }
}

/// A page for people who are not signed in: the sign-in page, and failures.
pub(crate) fn outside(status: StatusCode, title: &str, content: &Markup) -> Response {
    let body = html! {
        body.outside {
            main id="content" { p.mark { "Recto" } (content) }
        }
    };
    (status, [POLICY], document(title, &html! {}, &body)).into_response()
}

/// A failure as a page.
pub(crate) fn failure_page(failure: &Failure) -> Response {
    let title = match failure.status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN => "Not allowed",
        _ => "That did not work",
    };
    let content = html! {
        h1 { (title) }
        p.problem { (sentence(&failure.message)) }
        p { a href="/batches" { "Back to the batches" } }
    };
    outside(failure.status, title, &content)
}

fn document(title: &str, scripts: &Markup, body: &Markup) -> impl IntoResponse + use<> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Recto" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href=(versioned("recto.css"));
                script src=(versioned("theme.js")) {}
                (scripts)
            }
            (body)
        }
    };
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    ([(header::CONTENT_TYPE, html)], page.into_string())
}

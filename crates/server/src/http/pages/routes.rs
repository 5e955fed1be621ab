//! `/routes`: what is dropped and where the rest goes. A draft travels in the form; nothing counts
//! before it is saved.

use super::forms::{Fields, Form, faulty};
use super::route_draft::{self as draft, Either, Move, Place};
use super::route_editor as editor;
use super::views::{
    Choice, RouteAnswer, RouteEditor, RouteMove, RoutePreview, RouteQuestion, RouteRow, RoutesPage,
    Section,
};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::http::problem::{Problem, sentence};
use crate::limits::ROUTE_MOVES_SHOWN;
use crate::operations::OperationError;
use crate::operations::routes::trial::{self, Preview, Question};
use crate::operations::routes::{self as operation, Names, Wanted};
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::routing::book::{Book, Drop, Rule};
use epicenter_domain::sources::Fault;
use std::sync::Arc;

const HERE: &str = "/routes";

/// What a form left behind for the page.
#[derive(Default)]
struct Left {
    book: Option<Book>,
    version: Option<i64>,
    comment: String,
    editor: Option<RouteEditor>,
    faults: Vec<String>,
    preview: Option<RoutePreview>,
    answer: Option<RouteAnswer>,
    question: RouteQuestion,
    /// The text as it was written, when it could not be read.
    text: Option<String>,
}

/// Rules in reading order, with what stands under each.
fn rows(rules: &[Rule], above: &[usize], named: &[Rule], into: &mut Vec<RouteRow>) {
    for (index, (rule, shown)) in rules.iter().zip(named).enumerate() {
        let mut path = above.to_vec();
        path.push(index);
        let number: Vec<String> = path.iter().map(|index| (index + 1).to_string()).collect();
        into.push(RouteRow {
            place: Place::Rule(path.clone()).show(),
            number: number.join("."),
            depth: path.len(),
            name: rule.name.clone(),
            when: rule.when.clone(),
            target: target(shown),
            continues: rule.continues,
            is_off: rule.off,
            can_up: index > 0,
            can_down: index + 1 < rules.len(),
            faults: Vec::new(),
        });
        rows(&rule.rules, &path, &shown.rules, into);
    }
}

/// Where a rule leads, in words.
fn target(rule: &Rule) -> String {
    let mut words = match (&rule.service, &rule.service_by) {
        (_, Some(table)) => format!("service by {}", table.field),
        (Some(service), None) => service.clone(),
        (None, None) => "as the rule above".to_owned(),
    };
    if let Some(destinations) = &rule.destinations {
        words = format!("{words}, also {}", destinations.join(", "));
    }
    words
}

fn drop_row(index: usize, drop: &Drop, count: usize) -> RouteRow {
    RouteRow {
        place: Place::Drop(index).show(),
        number: (index + 1).to_string(),
        depth: 1,
        name: drop.name.clone(),
        when: drop.when.clone(),
        target: "dropped".to_owned(),
        is_off: drop.off,
        can_up: index > 0,
        can_down: index + 1 < count,
        ..RouteRow::default()
    }
}

/// Writes beside each rule what of it does not work.
fn flag(rows: &mut [RouteRow], faults: &[Fault]) {
    for row in rows {
        let own = Place::parse(&row.place).map(|place| place.own_faults(faults));
        row.faults = own.unwrap_or_default();
    }
}

async fn page(app: &App, visitor: &Visitor, left: Left) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let current = operation::current(&mut tx, workspace_id).await?;
    let names = Names::load(&mut tx, workspace_id).await?;
    let book = left.book.unwrap_or_else(|| current.book.clone());
    let faults = operation::faults(&mut tx, workspace_id, &book).await?;
    tx.rollback().await?;
    let named = names.to_names(&book);
    let mut rules = Vec::new();
    rows(&book.rules, &[], &named.rules, &mut rules);
    flag(&mut rules, &faults);
    let mut dropping: Vec<RouteRow> = (book.drops.iter().enumerate())
        .map(|(index, drop)| drop_row(index, drop, book.drops.len()))
        .collect();
    flag(&mut dropping, &faults);
    let default = book.default_service.as_deref().unwrap_or_default();
    let none = ("", "the workspace's default service");
    let mut question = left.question;
    let chosen = question.integrations.first().map(|one| one.value.clone());
    let registry = app.registry.snapshot();
    let mine = registry
        .all()
        .filter(|one| one.origin.workspace_id == workspace_id);
    let mine = mine.map(|one| {
        let id = IdKind::Integration.show(one.origin.integration_id);
        (id, one.origin.name.clone())
    });
    question.integrations = Choice::list(mine, &chosen.unwrap_or_default());
    let page = RoutesPage {
        shell: visitor.shell(app, Section::Routes).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        is_responder: visitor.caller.must_respond().is_ok(),
        version: left.version.unwrap_or(current.number),
        made: (current.number > 0).then(|| (current.actor.clone(), current.made_at)),
        is_changed: book != current.book,
        draft: serde_json::to_string(&book).unwrap_or_default(),
        text: left.text.unwrap_or_else(|| operation::text(&named)),
        drops: dropping,
        rules,
        default_services: Choice::list(std::iter::once(none).chain(names.services()), default),
        zone: book.zone.unwrap_or_default(),
        editor: left.editor,
        comment: left.comment,
        faults: left.faults,
        preview: left.preview,
        question,
        answer: left.answer,
    };
    Ok(Html(page.render()?))
}

/// The rules that count.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    page(&app, &visitor, Left::default()).await
}

/// The faults of a problem as sentences.
fn faults_of(error: OperationError) -> Vec<String> {
    let problem = Problem::from(error);
    if problem.fields.is_empty() {
        return vec![problem.detail];
    }
    let fields = problem.fields.into_iter();
    fields
        .map(|one| sentence(&format!("{} {}", one.field, one.message)))
        .collect()
}

/// The draft that came with the form, with the settings beside the rules.
fn draft_of(fields: &Fields) -> Result<Book, String> {
    let read = serde_json::from_str::<Book>(fields.get("draft"));
    let mut book = read.map_err(|error| format!("The draft cannot be read: {error}."))?;
    // Those who may not change them do not send them.
    let sent = |name: &str| fields.all(name).next().map(|text| text.trim().to_owned());
    if let Some(service) = sent("default_service") {
        book.default_service = Some(service).filter(|text| !text.is_empty());
    }
    if let Some(zone) = sent("zone") {
        book.zone = Some(zone).filter(|text| !text.is_empty());
    }
    Ok(book)
}

/// `POST /routes`: what the button `do` says, to the draft that came along.
pub(super) async fn change(State(app): State<Arc<App>>, form: Form) -> Response {
    let fields = &form.fields;
    let (verb, _) = pressed(fields);
    let is_look = matches!(verb, "test" | "preview");
    let caller = &form.visitor.caller;
    let may = if is_look {
        caller.must_respond()
    } else {
        caller.must_administer()
    };
    if let Err(problem) = may {
        return form.failed(&app, HERE, problem.detail);
    }
    let mut left = Left {
        version: fields.get("version").parse().ok(),
        comment: fields.get("comment").to_owned(),
        ..Left::default()
    };
    let mut book = match draft_of(fields) {
        Ok(book) => book,
        Err(fault) => return form.failed(&app, HERE, fault),
    };
    let names = match names(&app, &form).await {
        Ok(names) => names,
        Err(problem) => return problem.into_response(),
    };
    // What stands in the editor counts, also when another button is pressed.
    if fields.is_on("editing") && matches!(verb, "save" | "preview" | "test") {
        put(&app, &form, (&mut book, &names), &mut left).await;
    }
    if !left.faults.is_empty() {
        left.book = Some(book);
        return faulty(page(&app, &form.visitor, left).await);
    }
    if verb == "save" {
        return save(&app, &form, book, left).await;
    }
    act(&app, &form, (&mut book, &names), &mut left).await;
    let is_faulty = !left.faults.is_empty();
    left.book = Some(book);
    let shown = page(&app, &form.visitor, left).await;
    if is_faulty {
        faulty(shown)
    } else {
        shown.into_response()
    }
}

/// What every button but "Save" does.
async fn act(app: &App, form: &Form, (book, names): (&mut Book, &Names), left: &mut Left) {
    let fields = &form.fields;
    let (verb, place) = pressed(fields);
    match (verb, place) {
        ("preview", _) => match trial::preview(app, workspace(form), book).await {
            Ok(seen) => left.preview = Some(shown_preview(seen)),
            Err(error) => left.faults = faults_of(error),
        },
        ("test", _) => test(app, form, book, left).await,
        ("text", _) => match toml::from_str::<Book>(fields.get("text")) {
            Ok(read) => *book = names.to_ids(&read),
            Err(error) => {
                left.faults = vec![error.to_string()];
                left.text = Some(fields.get("text").to_owned());
            }
        },
        ("new", _) => left.editor = Some(blank(fields.get("do") == "new:drop", names)),
        ("put", _) => put(app, form, (book, names), left).await,
        ("edit", Some(place)) => {
            left.editor =
                draft::find(book, &place).map(|rule| editor::editor(&place.show(), &rule, names));
        }
        (verb, Some(place)) => {
            if let Some(what) = Move::parse(verb) {
                draft::apply(book, &place, what);
            }
        }
        (_, None) => {}
    }
}

/// The button, and the rule that it stands at.
fn pressed(fields: &Fields) -> (&str, Option<Place>) {
    match fields.get("do").split_once(':') {
        Some((verb, place)) => (verb, Place::parse(place)),
        None => (fields.get("do"), None),
    }
}

fn workspace(form: &Form) -> i64 {
    form.visitor.caller.workspace_id
}

async fn names(app: &App, form: &Form) -> Result<Names, Problem> {
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, workspace(form)).await?;
    tx.rollback().await?;
    Ok(names)
}

fn blank(is_drop: bool, names: &Names) -> RouteEditor {
    let rule = if is_drop {
        Either::Drop(Drop::default())
    } else {
        Either::Rule(Rule::default())
    };
    editor::editor("", &rule, names)
}

/// Puts the edited rule into the draft, if the draft is whole with it.
async fn put(app: &App, form: &Form, (book, names): (&mut Book, &Names), left: &mut Left) {
    let fields = &form.fields;
    let mut changed = book.clone();
    let place = Place::parse(fields.get("place"));
    draft::put(&mut changed, place.as_ref(), editor::rule(fields));
    let changed = names.to_ids(&changed);
    match check(app, form, &changed).await {
        Ok(()) => *book = changed,
        Err(error) => {
            left.faults = faults_of(error);
            left.editor = Some(editor::again(fields, names));
        }
    }
}

async fn check(app: &App, form: &Form, book: &Book) -> Result<(), OperationError> {
    let mut tx = app.database.read().await?;
    let checked = operation::check(&mut tx, workspace(form), book).await;
    tx.rollback().await?;
    checked.map(|_| ())
}

async fn save(app: &App, form: &Form, book: Book, mut left: Left) -> Response {
    let caller = &form.visitor.caller;
    let wanted = Wanted {
        book: book.clone(),
        comment: left.comment.clone(),
        base: left.version.unwrap_or_default(),
    };
    let place = (caller.workspace_id, caller.actor.name.as_str());
    match operation::replace(app, place, wanted).await {
        Ok(number) => form.done(app, HERE, format!("Saved as version {number}.")),
        Err(error) => {
            left.faults = faults_of(error);
            left.book = Some(book);
            faulty(page(app, &form.visitor, left).await)
        }
    }
}

async fn test(app: &App, form: &Form, book: &Book, left: &mut Left) {
    let fields = &form.fields;
    let delivery = fields.get("delivery").trim();
    let integration = fields.get("integration");
    left.question = RouteQuestion {
        delivery: delivery.to_owned(),
        integrations: Choice::list([(integration, "")], integration),
        resource: fields.get("resource").to_owned(),
        payload: fields.get("payload").to_owned(),
    };
    let question = if delivery.is_empty() {
        Question::Body {
            integration_id: IdKind::Integration.parse(integration).unwrap_or(-1),
            resource: fields.get("resource").to_owned(),
            body: fields.get("payload").to_owned(),
        }
    } else {
        // What is no id names no delivery.
        Question::Delivery(IdKind::Delivery.parse(delivery).unwrap_or(-1))
    };
    match trial::ask(app, workspace(form), question, Some(book)).await {
        Ok(answer) => {
            left.answer = Some(RouteAnswer {
                title: answer.title,
                end: answer.end.words().to_owned(),
                path: answer.path,
                fields: answer.fields,
            });
        }
        Err(error) => left.faults = faults_of(error),
    }
}

fn shown_preview(seen: Preview) -> RoutePreview {
    let summary = format!(
        "Of the newest {} deliveries {} could open an incident: {} of them would go elsewhere \
         than now, and {} would be dropped.",
        seen.looked_at, seen.opening, seen.moved, seen.dropped
    );
    let more = seen.changes.len().saturating_sub(ROUTE_MOVES_SHOWN);
    let moves = seen.changes.into_iter().take(ROUTE_MOVES_SHOWN);
    RoutePreview {
        summary,
        counts: (seen.counts.into_iter())
            .map(|(name, (now, then))| (name, now, then))
            .collect(),
        moves: moves
            .map(|one| RouteMove {
                delivery_id: IdKind::Delivery.show(one.delivery_id),
                title: one.title,
                old: one.old.words().to_owned(),
                new: one.new.words().to_owned(),
                why: one.why.join(". "),
            })
            .collect(),
        more,
    }
}

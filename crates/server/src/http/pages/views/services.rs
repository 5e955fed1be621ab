//! `/services` and `/services/{id}`: what teams own and are alerted about.

use super::parts::{Chart, Icon, plural};
use super::shell::{Choice, Shell};
use askama::Template;

/// The list, with the form for a new one.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/services.html")]
pub struct ServicesPage {
    /// What is around it.
    pub shell: Shell,
    /// Services.
    pub rows: Vec<ServiceRow>,
    /// The form for a new one.
    pub form: ServiceForm,
}

/// One service.
#[derive(Clone, Debug)]
pub struct ServiceRow {
    /// Id, as the address has it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Linked Sentry projects.
    pub projects: Vec<String>,
    /// Open incidents.
    pub open_count: i64,
    /// Integrations that are bound to it.
    pub integration_count: i64,
    /// Takes what no other service takes.
    pub is_default: bool,
    /// Is what usually ends by itself held back for a moment?
    pub holds_transients: bool,
}

impl ServiceRow {
    /// "3 open incidents".
    pub fn incidents(&self) -> String {
        plural(&self.open_count, "open incident", "open incidents")
    }

    /// "1 integration".
    pub fn integrations(&self) -> String {
        plural(&self.integration_count, "integration", "integrations")
    }
}

/// What the form of a service holds.
#[derive(Clone, Debug, Default)]
pub struct ServiceForm {
    /// Name.
    pub name: String,
    /// Project slugs, one a line.
    pub projects: String,
    /// What was wrong.
    pub error: Option<String>,
}

/// One service with its form.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/service.html")]
pub struct ServicePage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change it?
    pub is_admin: bool,
    /// The service as stored.
    pub service: ServiceRow,
    /// The form.
    pub form: ServiceForm,
    /// Who is told.
    pub owner: OwnerForm,
    /// Its events in the last days, by level.
    pub chart: Chart,
}

/// Who is responsible for a service.
#[derive(Clone, Debug, Default)]
pub struct OwnerForm {
    /// Teams to choose from.
    pub teams: Vec<Choice>,
    /// Escalation policies to choose from.
    pub policies: Vec<Choice>,
}

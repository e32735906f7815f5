//! Which days are looked at, in which steps.

use egui::Ui;
use jiff::civil::Date;

use crate::reading::{Step, WindowStart};
use crate::session::{Against, Span, View};
use crate::ui::charts::chart::Action;
use crate::ui::context::Ctx;
use crate::ui::widgets::day_picker::DayPicker;
use crate::ui::widgets::kit::segmented;
use crate::ui::widgets::words::{days_words, step_name};

const SPANS: [(Span, &str); 5] = [
    (Span::Last(7), "7 d"),
    (Span::Last(30), "30 d"),
    (Span::Last(90), "90 d"),
    (Span::Last(365), "Year"),
    (Span::All, "All"),
];

/// The popovers of days, and the view to come back to from a single day.
#[derive(Default)]
pub(in crate::ui) struct RangeState {
    days: DayPicker,
    against: DayPicker,
    back: Option<View>,
}

pub(in crate::ui) fn range_ui(ui: &mut Ui, ctx: &mut Ctx, looking: &mut RangeState) {
    let weeks = ctx.model.weeks();
    let mut view = ctx.model.view.with_weeks(weeks);
    let readings = ctx.model.readings.clone();
    let Some((days, known)) = view.days(&readings).zip(readings.span()) else { return };
    ui.horizontal_wrapped(|ui| {
        if segmented(ui, &mut view.span, &SPANS) {
            looking.back = None;
            view = View { step: None, ..view };
        }
        let steps = [Step::Hour, Step::Day, Step::Week(weeks), Step::Month].map(|step| (Some(step), step_name(step)));
        segmented(ui, &mut view.step, &[&[(None, "Auto")], &steps[..]].concat());
        if let Some((from, to)) = looking.days.ui(ui, (&days_words(days), "Days"), days, known, weeks) {
            // From a single day there is a way back.
            looking.back = (from == to).then_some(view);
            view = View { span: Span::Days(from, to), step: None, ..view };
        }
        let (text, other) = match view.against {
            Against::Before => ("Compare".to_owned(), days),
            Against::Days(from, to) => (format!("with {}", days_words((from, to))), (from, to)),
        };
        if let Some((from, to)) = looking.against.ui(ui, (&text, "Compared with"), other, known, weeks) {
            view.against = Against::Days(from, to);
        }
        if view.against != Against::Before
            && ui.button("Days before").on_hover_text("Compares with the days before").clicked()
        {
            view.against = Against::Before;
        }
        if let Some(back) = looking.back
            && ui.button("Back").on_hover_text("Back to the previous view").clicked()
        {
            (view, looking.back) = (back, None);
        }
    });
    ctx.model.look_at(view);
}

/// Opens a single day, hour by hour.
pub(in crate::ui) fn open_day(ctx: &mut Ctx, looking: &mut RangeState, date: Date) {
    if let Some(inside) = ctx.model.view.inside(WindowStart::Date(date), Step::Day) {
        leave_for(ctx, looking, inside);
    }
}

/// Does what was done to the chart.
pub(in crate::ui) fn follow(ctx: &mut Ctx, looking: &mut RangeState, action: Action, step: Step) {
    match action {
        Action::Open(start) => {
            if let Some(inside) = ctx.model.view.inside(start, step) {
                leave_for(ctx, looking, inside);
            }
        }
        Action::Select(from, to) => {
            leave_for(ctx, looking, View { span: Span::Days(from, to), step: None, ..ctx.model.view });
        }
        Action::Reset => {
            if let Some(back) = looking.back.take() {
                ctx.model.look_at(back);
            }
        }
    }
}

/// Looks at something else; the view that there was can be come back to.
fn leave_for(ctx: &mut Ctx, looking: &mut RangeState, view: View) {
    looking.back.get_or_insert(ctx.model.view);
    ctx.model.look_at(view);
}

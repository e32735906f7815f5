//! Which days are looked at, in which steps.

use egui::{Label, RichText, Role, Ui, WidgetInfo};
use egui_extras::DatePickerButton;
use jiff::civil::Date;

use crate::reading::Step;
use crate::session::{Span, View};
use crate::ui::charts::chart::Action;
use crate::ui::context::Ctx;
use crate::ui::theme::palette;
use crate::ui::widgets::kit::{error_text, field, segmented};
use crate::ui::widgets::words::{days_words, step_name};

const SPANS: [(Option<Span>, &str); 6] = [
    (Some(Span::Last(7)), "7 d"),
    (Some(Span::Last(30)), "30 d"),
    (Some(Span::Last(90)), "90 d"),
    (Some(Span::Last(365)), "Year"),
    (Some(Span::All), "All"),
    (None, "Custom"),
];

/// The text typed for a range of one's own, and the view to come back to from a single day.
#[derive(Default)]
pub(in crate::ui) struct RangeState {
    custom: Option<(String, String)>,
    back: Option<View>,
}

pub(in crate::ui) fn range_ui(ui: &mut Ui, ctx: &mut Ctx, looking: &mut RangeState) {
    let mut view = ctx.model.view.with_weeks(ctx.model.settings.weeks);
    ui.horizontal_wrapped(|ui| {
        // Days that were opened or dragged over are not among the choices, so that Custom can be chosen.
        let mut span = looking.custom.is_none().then_some(view.span);
        if segmented(ui, &mut span, &SPANS) {
            looking.back = None;
            match span {
                Some(span) => {
                    looking.custom = None;
                    view = View { span, step: None, ..view };
                }
                None => {
                    let days = view.days(&ctx.model.readings);
                    looking.custom = days.map(|(from, to)| (from.to_string(), to.to_string()));
                }
            }
        }
        let steps =
            [Step::Hour, Step::Day, Step::Week(view.weeks), Step::Month].map(|step| (Some(step), step_name(step)));
        segmented(ui, &mut view.step, &[&[(None, "Auto")], &steps[..]].concat());
        if let Some(back) = looking.back
            && ui.button("Back").on_hover_text("Back to the previous view").clicked()
        {
            (view, looking.back) = (back, None);
        }
        if let Some(days) = view.days(&ctx.model.readings) {
            let words = RichText::new(days_words(days)).small().color(palette(ui).muted);
            ui.add(Label::new(words).extend());
        }
    });
    if let Some((from, to)) = &mut looking.custom {
        let read = |text: &str| text.trim().parse::<Date>().ok();
        let mut changed = false;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            changed |= day_ui(ui, "From, as in 2026-09-30", "Choose the first day", from);
            changed |= day_ui(ui, "To, included", "Choose the last day", to);
        });
        match read(from).zip(read(to)) {
            Some((from, to)) if from <= to => {
                if changed || !matches!(view.span, Span::Days(..)) {
                    view.span = Span::Days(from, to);
                }
            }
            _ => {
                let words = "Enter two dates; the first must not be later than the second";
                error_text(ui, words);
            }
        }
    }
    ctx.model.look_at(view);
}

/// A day that can be typed, or chosen in a calendar. Returns whether it has changed.
fn day_ui(ui: &mut Ui, label: &str, verb: &str, text: &mut String) -> bool {
    let mut changed = false;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        changed = field(ui, label, text, 152.0).changed();
        let Ok(before) = text.trim().parse::<Date>() else { return };
        let mut day = before;
        ui.vertical(|ui| {
            // Beside the field, not beside its label.
            ui.add_space(20.0);
            let picker =
                DatePickerButton::new(&mut day).id_salt(verb).format("Calendar").show_icon(false).calendar_week(false);
            let picker = ui.add(picker).on_hover_text(verb);
            picker.widget_info(|| WidgetInfo::labeled(Role::Button, true, verb));
        });
        if day != before {
            *text = day.to_string();
            changed = true;
        }
    });
    changed
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
    looking.custom = None;
    ctx.model.look_at(view);
}

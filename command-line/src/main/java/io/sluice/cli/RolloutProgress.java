package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A rollout as far as events have told; an event brings only the instances that moved. */
final class RolloutProgress {
    private final Map<String, Line> lines = new LinkedHashMap<>();
    private String id = "";
    private String phase = "";
    private String detail = "";
    private JsonNode view = MissingNode.getInstance();

    /** Where one instance is. */
    record Line(String instance, String step, String doing, String deadline, String hash, String failure, String note) {
        static Line of(JsonNode json) {
            return new Line(
                    json.path("id").asText(),
                    word(json.path("step").asText()),
                    word(json.path("doing").asText("")),
                    json.path("deadline").asText(""),
                    json.path("hash").asText(""),
                    json.path("failure").asText(""),
                    json.path("note").asText(""));
        }

        /** One line for a person. */
        String text() {
            StringBuilder text = new StringBuilder(String.format("%-14s %s", instance, step));
            if (!doing.isEmpty()) {
                text.append(" → ").append(doing);
            }
            if (!failure.isEmpty()) {
                text.append("  (").append(failure).append(')');
            } else if (!note.isEmpty()) {
                text.append("  (").append(note).append(')');
            }
            return text.toString();
        }

        private static String word(String constant) {
            return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** Takes in a view; returns the instances that now look different. */
    List<Line> apply(JsonNode newView) {
        view = newView;
        id = newView.path("id").asText(id);
        phase = newView.path("phase").asText(phase).toUpperCase(Locale.ROOT);
        detail = newView.path("detail").asText("");
        List<Line> changed = new ArrayList<>();
        for (JsonNode json : newView.path("instances")) {
            Line line = Line.of(json);
            if (!line.equals(lines.put(line.instance(), line))) {
                changed.add(line);
            }
        }
        return changed;
    }

    String id() {
        return id;
    }

    String phase() {
        return phase;
    }

    /** The phase with the one thing it waits for or that decided it. */
    String summary() {
        String word = phase.toLowerCase(Locale.ROOT).replace('_', ' ');
        return id + " " + word + (detail.isEmpty() ? "" : ": " + detail);
    }

    List<Line> lines() {
        return List.copyOf(lines.values());
    }

    JsonNode problems() {
        return view.path("problems");
    }

    /** Whether nothing more happens without somebody asking for it. */
    boolean isOver() {
        return view.path("finished").asBoolean(false) || phase.equals("NEEDS_ATTENTION");
    }
}

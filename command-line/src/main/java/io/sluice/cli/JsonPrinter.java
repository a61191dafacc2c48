package io.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.client.ReceivedEvent;
import io.sluice.service.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** One JSON object per event and line, for programs. */
final class JsonPrinter implements ProgressPrinter {
    private final Console console;

    JsonPrinter(Console console) {
        this.console = console;
    }

    @Override
    public void update(ReceivedEvent event, RolloutProgress progress, List<RolloutProgress.Line> changed) {
        ObjectNode line = Json.mapper().createObjectNode();
        line.put("id", event.id()).put("event", event.name());
        try {
            line.set("data", Json.mapper().readTree(event.data()));
        } catch (IOException e) {
            throw new UncheckedIOException("an event that is no JSON", e);
        }
        console.println(line.toString());
    }
}

package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sluice.client.EngineClient;
import io.sluice.client.ReceivedEvent;
import io.sluice.service.json.Json;
import java.io.IOException;
import java.time.Duration;

/** Follows one rollout to its end, showing each change. */
final class RolloutFollower {
    /** An engine that restarts is back within seconds; one that is gone for this long is reported. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EngineClient engine;
    private final ProgressPrinter printer;
    private final RolloutProgress progress = new RolloutProgress();

    RolloutFollower(EngineClient engine, ProgressPrinter printer) {
        this.engine = engine;
        this.printer = printer;
    }

    /** Blocks until the rollout is over; returns it as it is then. */
    RolloutProgress follow(String id) {
        engine.follow(id, PATIENCE, this::accept);
        if (!progress.isOver()) {
            JsonNode last = engine.rollout(id);
            show(new ReceivedEvent("", "snapshot", last.toString()), last);
        }
        return progress;
    }

    private boolean accept(ReceivedEvent event) {
        JsonNode view = parse(event.data());
        if (view.has("phase")) {
            show(event, view);
        }
        return !progress.isOver();
    }

    private void show(ReceivedEvent event, JsonNode view) {
        printer.update(event, progress, progress.apply(view));
    }

    private static JsonNode parse(String data) {
        try {
            return Json.mapper().readTree(data);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }
}

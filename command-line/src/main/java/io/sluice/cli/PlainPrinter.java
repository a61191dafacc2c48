package io.sluice.cli;

import io.sluice.client.ReceivedEvent;
import java.util.List;

/** One line per change, for logs and pipes. */
final class PlainPrinter implements ProgressPrinter {
    private final Console console;
    private String lastSummary = "";

    PlainPrinter(Console console) {
        this.console = console;
    }

    @Override
    public void update(ReceivedEvent event, RolloutProgress progress, List<RolloutProgress.Line> changed) {
        changed.forEach(line -> console.println("  " + line.text()));
        String summary = progress.summary();
        if (!summary.equals(lastSummary)) {
            console.println(summary);
            lastSummary = summary;
        }
    }
}

package io.sluice.cli;

import io.sluice.client.ReceivedEvent;
import java.util.ArrayList;
import java.util.List;

/** One line per instance, drawn anew in place with ANSI sequences (ECMA-48). */
final class LivePrinter implements ProgressPrinter {
    private static final String CONTROL = "\u001b[";
    private static final String CLEAR_LINE = CONTROL + "2K";
    private static final int WIDEST = 150;

    private final Console console;
    private int drawn;

    LivePrinter(Console console) {
        this.console = console;
    }

    @Override
    public void update(ReceivedEvent event, RolloutProgress progress, List<RolloutProgress.Line> changed) {
        List<String> rows = new ArrayList<>();
        rows.add(progress.summary());
        progress.lines().forEach(line -> rows.add("  " + line.text()));
        StringBuilder frame = new StringBuilder(drawn == 0 ? "" : CONTROL + drawn + "A");
        for (String row : rows) {
            // A row that wraps would put the cursor somewhere else than counted.
            frame.append(CLEAR_LINE)
                    .append(row.length() <= WIDEST ? row : row.substring(0, WIDEST) + "…")
                    .append('\n');
        }
        console.out().print(frame);
        console.out().flush();
        drawn = rows.size();
    }
}

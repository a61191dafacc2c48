package io.sluice.journal;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * A process for {@link JournalKillIT}: appends for ever and prints {@code sequence text} for each record that was acknowledged, before it
 * does anything else with it.
 */
final class AppendingProcess {

    private static final int MOST_IN_FLIGHT = 64;

    private AppendingProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path directory = Path.of(arguments[0]);
        String round = arguments[1];
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Journal journal = Journal.open(directory, JournalKillIT.SETTINGS, new Recording());
        Semaphore inFlight = new Semaphore(MOST_IN_FLIGHT);
        for (long i = 0; ; i++) {
            String text = "round " + round + " append " + i;
            List<String> texts = i % 5 == 0 ? List.of(text + " a", text + " b", text + " c") : List.of(text);
            inFlight.acquire();
            List<byte[]> records = new ArrayList<>();
            texts.forEach(each -> records.add(each.getBytes(StandardCharsets.UTF_8)));
            var unused = journal.appendAll(records).thenAccept(last -> {
                StringBuilder lines = new StringBuilder();
                for (int member = 0; member < texts.size(); member++) {
                    lines.append(last - texts.size() + 1 + member)
                            .append(' ')
                            .append(texts.get(member))
                            .append('\n');
                }
                out.print(lines);
                out.flush();
                inFlight.release();
            });
        }
    }
}

package io.sluice.proxy.api;

import java.util.List;

/** Entries of the routes' journal, newest first; {@code gaps} lists damaged entries that were skipped at start. */
public record RouteJournalPage(List<RouteEntryView> entries, List<String> gaps) {
    public RouteJournalPage {
        entries = List.copyOf(entries);
        gaps = List.copyOf(gaps);
    }
}

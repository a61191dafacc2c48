package io.sluice.proxy.api;

import java.util.List;

/** Entries of a pool's journal, newest first; {@code gaps} lists damaged entries that were skipped at start. */
public record JournalPage(List<JournalEntryView> entries, List<String> gaps) {
    public JournalPage {
        entries = List.copyOf(entries);
        gaps = List.copyOf(gaps);
    }
}

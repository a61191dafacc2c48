package io.sluice.benchmarks.journal;

import java.nio.file.Path;

/** The stores that are compared. Public because generated code of another package names it. */
public enum StoreKind {
    JOURNAL,
    SQLITE;

    DurableStore open(Path directory) {
        return switch (this) {
            case JOURNAL -> new JournalStore(directory);
            case SQLITE -> new SqliteStore(directory.resolve("records.db"));
        };
    }
}

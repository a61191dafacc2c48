package io.sluice.journal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Removes files that are no longer part of the truth. One that cannot be removed now stays in line, and its bytes stay counted, until a later
 * attempt; recovery takes no notice of it. Files go in the order they came, so that what remains has no hole.
 */
final class Retirement {

    private final JournalFolder folder;
    private final Deque<Retiree> waiting = new ArrayDeque<>();
    private long waitingBytes;

    Retirement(JournalFolder folder) {
        this.folder = folder;
    }

    void add(Retiree file) {
        waiting.add(file);
        waitingBytes += file.bytes();
    }

    /** Removes what it can. */
    void run() {
        while (!waiting.isEmpty()) {
            Retiree file = waiting.element();
            try {
                remove(file);
            } catch (IOException e) {
                return; // the bytes stay visible in the journal's size; the next snapshot or discard tries again
            }
            waiting.remove();
            waitingBytes -= file.bytes();
        }
    }

    private void remove(Retiree file) throws IOException {
        if (file.damaged()) {
            folder.rename(file.name(), file.name() + Retiree.DAMAGED_SUFFIX);
        } else {
            folder.delete(file.name());
        }
    }

    long waitingBytes() {
        return waitingBytes;
    }
}

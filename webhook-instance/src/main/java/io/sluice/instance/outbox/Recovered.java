package io.sluice.instance.outbox;

import io.sluice.instance.outbox.OutboxRecord.Accepted;
import io.sluice.instance.outbox.OutboxRecord.Mark;
import io.sluice.instance.outbox.OutboxRecord.Marks;
import io.sluice.instance.outbox.OutboxRecord.Moved;
import io.sluice.instance.outbox.OutboxRecord.StepChanged;
import io.sluice.journal.Gap;
import io.sluice.journal.Replay;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects what the log held when it was opened. What cannot be read is logged and counted, and everything else kept. */
final class Recovered implements Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Recovered.class);

    private final Map<Long, Entry> entries = new HashMap<>();
    private final DedupIndex dedup;
    private final Clock clock;
    private long damaged;
    private long lastSequence;

    Recovered(DedupIndex dedup, Clock clock) {
        this.dedup = dedup;
        this.clock = clock;
    }

    @Override
    public void snapshot(long sequence, byte[] state) {
        // the outbox writes none: bodies stay in the log and old segments are discarded
        damaged++;
        LOG.error("the outbox holds a snapshot at {} that this release did not write; ignored", sequence);
    }

    @Override
    public void gap(Gap gap) {
        damaged++;
        LOG.error(
                "outbox damage: {} bytes at {} of {} are unreadable ({}); events in it are lost, the bytes are kept aside",
                gap.bytes(),
                gap.offset(),
                gap.segment(),
                gap.reason());
    }

    @Override
    public void record(long sequence, byte[] payload) {
        lastSequence = sequence;
        try {
            apply(sequence, payload.length, RecordCodec.decode(payload));
        } catch (UncheckedIOException e) {
            damaged++;
            LOG.error("outbox record {} is intact but not understood; skipped", sequence, e);
        }
    }

    private void apply(long sequence, int bytes, OutboxRecord record) {
        if (record instanceof Accepted accepted) {
            Entry entry = new Entry(sequence, accepted.event(), bytes);
            entries.put(sequence, entry);
            remember(entry, accepted.event(), sequence);
        } else if (record instanceof Moved moved) {
            move(sequence, bytes, moved);
        } else if (record instanceof StepChanged changed) {
            change(changed);
        } else if (record instanceof Marks marks) {
            marks.marks().forEach(mark -> dedup.add(mark, sequence, clock.millis()));
        }
    }

    private void move(long sequence, int bytes, Moved moved) {
        Entry entry = new Entry(moved.entry(), moved.event(), bytes);
        entry.location = sequence;
        for (int i = 0; i < entry.steps.size() && i < moved.steps().size(); i++) {
            moved.steps().get(i).applyTo(entry.steps.get(i));
        }
        entries.put(entry.id, entry);
        remember(entry, moved.event(), sequence);
    }

    private void change(StepChanged changed) {
        Entry entry = entries.get(changed.entry());
        if (entry == null || !entry.hasStep(changed.step())) {
            return;
        }
        changed.state().applyTo(entry.steps.get(changed.step()));
        if (!entry.hasUnsettled() && !entry.hasDead()) {
            entries.remove(entry.id);
        }
    }

    private void remember(Entry entry, OutboxEvent event, long home) {
        if (event.mayBeRepeated()) {
            dedup.add(Mark.of(entry, event), home, clock.millis());
        }
    }

    void addTo(PendingIndex index) {
        entries.values().stream()
                .sorted((a, b) -> Long.compare(a.location, b.location))
                .forEach(index::add);
        entries.clear();
    }

    long damaged() {
        return damaged;
    }

    long lastSequence() {
        return lastSequence;
    }
}

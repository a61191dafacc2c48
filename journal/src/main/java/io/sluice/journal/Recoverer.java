package io.sluice.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal's folder from scratch, once, while the journal is opened.
 *
 * <p>A crash can only hurt the end of the last segment, because every earlier segment was forced before the next one was begun. So:
 * <ul>
 *   <li>Invalid bytes at the end of the last segment with nothing valid behind them are a torn tail. Nobody was told that they are durable
 *       (one exception cannot be told apart: damage to the very last write). They are cut off and counted.
 *   <li>Invalid bytes anywhere else, also in the last segment when valid frames follow, are damage: reported as a gap and left in place, and
 *       what follows is kept. After a power cut this may be a false alarm about one unacknowledged write whose pages reached the disk out of
 *       order; the other reading would lose acknowledged records.
 *   <li>A segment that was torn or damaged is not appended to: stale bytes of its earlier life cannot come back as the new one's.
 *   <li>Sequences that no file holds are missing, unless a snapshot or a mark says that they were retired on purpose.
 *   <li>What a killed process had written but not forced is forced before it is handed out as durable.
 * </ul>
 */
final class Recoverer {

    private record Missing(String before, long first, long last) {}

    private final JournalFolder folder;
    private final Replay replay;
    private final NavigableMap<Long, Segment> segments = new TreeMap<>();
    private final List<Retiree> snapshots = new ArrayList<>();
    private final List<Retiree> leftovers = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private @Nullable Segment appendable;
    private long snapshotSequence = -1;
    private long nextSequence = 1;
    private long discardedBefore = 1;
    private long lostAtEnd;
    private long records;
    private long truncatedBytes;

    Recoverer(JournalFolder folder, Replay replay) {
        this.folder = folder;
        this.replay = replay;
    }

    Recovered recover() throws IOException {
        List<String> names = folder.list();
        folder.delete(SnapshotFile.TEMPORARY);
        long afterSnapshots = readSnapshots(names);
        nextSequence = snapshotSequence + 1 > 1 ? snapshotSequence + 1 : 1;
        List<String> segmentNames = names.stream()
                .filter(Segment::isName)
                .sorted(Comparator.comparingLong(Segment::firstSequenceOf))
                .toList();
        for (int i = 0; i < segmentNames.size(); i++) {
            String name = segmentNames.get(i);
            boolean last = i == segmentNames.size() - 1;
            if (!last && Segment.firstSequenceOf(segmentNames.get(i + 1)) <= snapshotSequence + 1) {
                leftovers.add(new Retiree(name, sizeOf(name), false));
            } else {
                readSegment(name, last);
            }
        }
        reportMissing();
        folder.force();
        nextSequence = Math.max(nextSequence + lostAtEnd, afterSnapshots);
        Recovery report = new Recovery(snapshotSequence, records, truncatedBytes, gaps);
        return new Recovered(segments, appendable, snapshots, leftovers, nextSequence, report);
    }

    /** Replays the newest readable snapshot and returns the first sequence that no snapshot can have contained. */
    private long readSnapshots(List<String> names) throws IOException {
        List<SnapshotFile> newestFirst = new ArrayList<>();
        for (String name : names) {
            if (SnapshotFile.isName(name)) {
                newestFirst.add(SnapshotFile.named(name, sizeOf(name)));
            }
        }
        newestFirst.sort(Comparator.comparingLong(SnapshotFile::sequence).reversed());
        long afterSnapshots = 1;
        for (SnapshotFile file : newestFirst) {
            if (snapshotSequence >= 0) {
                leftovers.add(new Retiree(file.name(), file.bytes(), false));
                continue;
            }
            byte[] state = file.read(folder);
            if (state == null) {
                report(new Gap(file.name(), 0, file.bytes(), "the snapshot is damaged"));
                // One sequence is left out, so that the next snapshot cannot have, and overwrite, this file's name.
                afterSnapshots = Math.max(afterSnapshots, file.sequence() + 2);
            } else {
                snapshotSequence = file.sequence();
                afterSnapshots = Math.max(afterSnapshots, file.sequence() + 1);
                replay.snapshot(snapshotSequence, state);
            }
            snapshots.add(new Retiree(file.name(), file.bytes(), state == null));
        }
        return afterSnapshots;
    }

    private void readSegment(String name, boolean last) throws IOException {
        try (JournalFile file = last ? folder.openForAppend(name) : folder.openForRead(name)) {
            long first = Segment.firstSequenceOf(name);
            SegmentHeader header = readHeader(file, first);
            if (header == null && last && file.size() < SegmentHeader.BYTES + Frame.HEADER_BYTES) {
                // Its creation was never finished, so it cannot have held a record.
                truncatedBytes += file.size();
                nextSequence = Math.max(nextSequence, first);
                folder.delete(name);
                return;
            }
            noteMissing(name, first);
            if (header == null) {
                readDamagedSegment(name, file.size());
            } else {
                readFrames(new Segment(header, file.size()), file, last);
            }
        }
    }

    private void readDamagedSegment(String name, long bytes) {
        long first = Segment.firstSequenceOf(name);
        Segment segment = new Segment(new SegmentHeader(first, 0), bytes);
        segment.markDamaged();
        segments.put(first, segment);
        report(new Gap(name, 0, bytes, "the segment's header is damaged, without it no frame can be verified"));
        nextSequence = Math.max(nextSequence, first);
        lostAtEnd = (bytes - SegmentHeader.BYTES) / Frame.HEADER_BYTES + 1;
    }

    private void readFrames(Segment segment, JournalFile file, boolean last) throws IOException {
        // A segment that a snapshot made obsolete begins below the snapshot's end; it is still read from its own
        // beginning.
        long start = segments.isEmpty() ? segment.firstSequence() : Math.max(nextSequence, segment.firstSequence());
        SegmentScanner.Result result =
                new SegmentScanner(new FileWindow(file), segment.id(), start, new ReplayingVisitor(segment)).scan();
        nextSequence = Math.max(nextSequence, result.nextSequence());
        lostAtEnd = 0;
        boolean torn = last && result.badTailBytes() > 0;
        if (torn) {
            truncatedBytes += result.badTailBytes();
            file.truncate(result.validBytes());
            segment.resize(result.validBytes());
        } else if (result.badTailBytes() > 0) {
            damaged(segment, result.validBytes(), result.badTailBytes());
            lostAtEnd = result.badTailBytes() / Frame.HEADER_BYTES + 1;
        }
        if (last) {
            file.force(true);
        }
        if (segment.firstSequence() <= snapshotSequence && result.nextSequence() <= snapshotSequence + 1) {
            leftovers.add(Retiree.of(segment));
            return;
        }
        segments.put(segment.firstSequence(), segment);
        appendable = last && !torn && !segment.isDamaged() ? segment : null;
    }

    private void noteMissing(String name, long first) {
        // A damaged end may have held any number of records; its gap already speaks for them.
        if (first > nextSequence && lostAtEnd == 0) {
            missing.add(new Missing(name, nextSequence, first - 1));
        }
    }

    /** Only now every mark has been seen. */
    private void reportMissing() {
        for (Missing range : missing) {
            if (range.last() >= discardedBefore) {
                long first = Math.max(range.first(), discardedBefore);
                report(new Gap(range.before(), 0, 0, "records " + first + " to " + range.last() + " are missing"));
            }
        }
    }

    private void damaged(Segment segment, long offset, long bytes) {
        segment.markDamaged();
        report(new Gap(segment.name(), offset, bytes, "no valid frame"));
    }

    private void report(Gap gap) {
        gaps.add(gap);
        replay.gap(gap);
    }

    private static @Nullable SegmentHeader readHeader(JournalFile file, long firstSequence) throws IOException {
        if (file.size() < SegmentHeader.BYTES) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.BYTES);
        file.readFully(bytes, 0);
        SegmentHeader header = SegmentHeader.decode(bytes.array());
        return header != null && header.firstSequence() == firstSequence ? header : null;
    }

    private long sizeOf(String name) throws IOException {
        try (JournalFile file = folder.openForRead(name)) {
            return file.size();
        }
    }

    private final class ReplayingVisitor implements SegmentScanner.Visitor {

        private final Segment segment;

        ReplayingVisitor(Segment segment) {
            this.segment = segment;
        }

        @Override
        public void record(long sequence, long position, byte[] payload) {
            segment.index().put(sequence, position);
            if (sequence > snapshotSequence) {
                records++;
                replay.record(sequence, payload);
            }
        }

        @Override
        public void gap(long offset, long bytes) {
            damaged(segment, offset, bytes);
        }

        @Override
        public void discardedBefore(long sequence) {
            discardedBefore = Math.max(discardedBefore, sequence);
        }
    }
}

package io.sluice.journal;

import io.sluice.journal.JournalException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of an open journal and everything that is done to them. Belongs to the writer thread, except for {@link #status} and
 * {@link #read}, which any thread may call.
 *
 * <p>Invariants: every segment but the active one is forced to its end; {@code nextSequence} and the indexes know only forced records; the
 * active segment ends at {@code active.bytes()} on the disk, too, before anything is written behind it. When the last cannot be established
 * (a force failed, or a failed write could not be undone), the log is read-only for good: after a failed fsync the kernel may
 * have dropped the pages and report success next time (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020).
 */
final class SegmentLog {

    private final JournalFolder folder;
    private final JournalSettings settings;
    private final SecureRandom random = new SecureRandom();
    private final ByteBuffer buffer = FrameWriter.newBuffer();
    private final NavigableMap<Long, Segment> segments;
    private final RecordReader reader;
    private final Retirement retirement;
    private final List<Retiree> snapshots;
    private @Nullable ActiveSegment active;
    private long nextSequence;
    private @Nullable String readOnlyReason;
    private volatile JournalStatus status;

    SegmentLog(JournalFolder folder, JournalSettings settings, Recovered recovered) throws IOException {
        this.folder = folder;
        this.settings = settings;
        this.segments = new ConcurrentSkipListMap<>(recovered.segments());
        this.reader = new RecordReader(folder, segments);
        this.retirement = new Retirement(folder);
        this.snapshots = new ArrayList<>(recovered.snapshots());
        this.nextSequence = recovered.nextSequence();
        recovered.leftovers().forEach(retirement::add);
        retirement.run();
        Segment appendable = recovered.appendable();
        if (appendable != null) {
            active = new ActiveSegment(appendable, folder.openForAppend(appendable.name()), buffer);
        }
        status = statusNow();
    }

    JournalStatus status() {
        return status;
    }

    byte[] read(long sequence) {
        return reader.read(sequence);
    }

    void append(List<Request.Append> requests) {
        int next = 0;
        while (next < requests.size()) {
            next = appendRun(requests, next);
        }
    }

    /** Appends as many requests as fit the same segment and returns the index of the first that is left. */
    private int appendRun(List<Request.Append> requests, int from) {
        List<Request.Append> run = new ArrayList<>();
        long runBytes = 0;
        int next = from;
        for (; next < requests.size(); next++) {
            Request.Append request = requests.get(next);
            boolean fits = fits(runBytes, request.bytes());
            if (!fits && !run.isEmpty()) {
                break;
            }
            JournalException refusal = refusal(request, runBytes, fits);
            if (refusal == null && !fits) {
                refusal = rotate();
            }
            if (refusal == null) {
                run.add(request);
                runBytes += request.bytes();
            } else {
                request.fail(refusal);
            }
        }
        if (!run.isEmpty() && active != null) {
            commit(active, run);
        }
        return next;
    }

    /** A segment without records takes any first one: another new one would not be better, and would have its name. */
    private boolean fits(long runBytes, long added) {
        return active != null
                && (active.bytes() + runBytes + added <= settings.segmentBytes()
                        || (runBytes == 0 && active.segment().firstSequence() == nextSequence));
    }

    private @Nullable JournalException refusal(Request.Append request, long runBytes, boolean fits) {
        if (readOnlyReason != null) {
            return readOnly(readOnlyReason);
        }
        long bytesAfter = status.bytes() + runBytes + request.bytes() + (fits ? 0 : SegmentHeader.BYTES);
        long limit = request.mayUseReserve() ? settings.maxBytes() : settings.ordinaryBytes();
        if (bytesAfter <= limit) {
            return null;
        }
        return new JournalException(
                Kind.FULL, folder.location() + " is full: it would hold " + bytesAfter + " bytes of at most " + limit);
    }

    private void commit(ActiveSegment target, List<Request.Append> run) {
        JournalException failure;
        try {
            long end = target.write(run, nextSequence);
            failure = force(target);
            if (failure == null) {
                acknowledge(target, run, end);
                return;
            }
        } catch (IOException e) {
            failure = undoWrite(target, e);
        }
        for (Request.Append request : run) {
            request.fail(failure);
        }
    }

    private void acknowledge(ActiveSegment target, List<Request.Append> run, long end) {
        long sequence = nextSequence - 1;
        nextSequence = target.accept(run, nextSequence, end);
        status = statusNow();
        for (Request.Append request : run) {
            sequence += request.records().size();
            request.done().complete(sequence);
        }
    }

    private @Nullable JournalException force(ActiveSegment target) {
        try {
            target.force();
            return null;
        } catch (IOException e) {
            return turnReadOnly("a force failed: " + e.getMessage(), e);
        }
    }

    /** A failed write, unlike a failed force, leaves the forced part as it was; without its remains the next write may work. */
    private JournalException undoWrite(ActiveSegment target, IOException failure) {
        try {
            target.undoWrite();
            return failed("a write", failure);
        } catch (IOException e) {
            failure.addSuppressed(e);
            return turnReadOnly("a failed write could not be undone: " + e.getMessage(), failure);
        }
    }

    /** Begins a new segment; null when it worked. Until its name is durable the old one stays active. */
    private @Nullable JournalException rotate() {
        Segment segment = new Segment(new SegmentHeader(nextSequence, random.nextLong()), SegmentHeader.BYTES);
        try {
            JournalFile file = createSegment(segment);
            closeActive();
            segments.put(nextSequence, segment);
            active = new ActiveSegment(segment, file, buffer);
            status = statusNow();
            return null;
        } catch (IOException e) {
            return undoRotation(segment, e);
        }
    }

    private JournalFile createSegment(Segment segment) throws IOException {
        JournalFile file = folder.create(segment.name());
        try {
            file.writeFully(ByteBuffer.wrap(segment.header().encode()), 0);
            file.force(true);
            folder.force();
            return file;
        } catch (IOException e) {
            try (file) {
                throw e;
            }
        }
    }

    /** A new segment that stayed behind would claim sequences that the old one may still give out. */
    private JournalException undoRotation(Segment segment, IOException failure) {
        try {
            folder.delete(segment.name());
            folder.force();
            segments.remove(segment.firstSequence());
            return failed("creating a segment", failure);
        } catch (IOException e) {
            failure.addSuppressed(e);
            return turnReadOnly("a half-made segment could not be removed: " + e.getMessage(), failure);
        }
    }

    void snapshot(Request.TakeSnapshot request) {
        if (readOnlyReason != null) {
            request.fail(readOnly(readOnlyReason));
            return;
        }
        SnapshotFile file = SnapshotFile.of(nextSequence - 1, request.state());
        try {
            file.writeTemporary(folder, request.state());
            file.rename(folder);
        } catch (IOException e) {
            // The old truth still holds.
            deleteTemporary();
            request.fail(failed("writing a snapshot", e));
            return;
        }
        try {
            folder.force();
        } catch (IOException e) {
            request.fail(turnReadOnly("a snapshot's force failed: " + e.getMessage(), e));
            return;
        }
        retireAllBefore(file);
        status = statusNow();
        request.done().complete(null);
    }

    private void deleteTemporary() {
        try {
            folder.delete(SnapshotFile.TEMPORARY);
        } catch (IOException e) {
            // It only takes space, and goes with the next snapshot or open.
        }
    }

    private void retireAllBefore(SnapshotFile file) {
        closeActive();
        for (Segment segment : segments.values()) {
            retirement.add(Retiree.of(segment));
        }
        segments.clear();
        for (Retiree older : snapshots) {
            if (!older.name().equals(file.name())) {
                retirement.add(older);
            }
        }
        snapshots.clear();
        snapshots.add(new Retiree(file.name(), file.bytes(), false));
        retirement.run();
    }

    void discard(Request.Discard request) {
        if (readOnlyReason != null) {
            request.fail(readOnly(readOnlyReason));
            return;
        }
        if (isWorthLeaving(active, request.sequence())) {
            JournalException failure = rotate();
            if (failure != null && readOnlyReason != null) {
                request.fail(failure);
                return;
            }
            // Without room for a new segment the older ones still go.
        }
        List<Segment> obsolete = obsoleteBefore(request.sequence());
        JournalException failure = obsolete.isEmpty() ? null : retire(obsolete);
        status = statusNow();
        if (failure == null) {
            request.done().complete(null);
        } else {
            request.fail(failure);
        }
    }

    /** The active segment is not deleted, so it must be left first; not for a few records, since that takes a new file. */
    private boolean isWorthLeaving(@Nullable ActiveSegment current, long sequence) {
        return current != null
                && sequence >= nextSequence
                && current.segment().firstSequence() < nextSequence
                && (current.bytes() >= settings.segmentBytes() / 2 || status.bytes() >= settings.ordinaryBytes() / 2);
    }

    private List<Segment> obsoleteBefore(long sequence) {
        List<Segment> obsolete = new ArrayList<>();
        for (Segment segment : segments.values()) {
            Map.Entry<Long, Segment> next = segments.higherEntry(segment.firstSequence());
            if (next == null || next.getKey() > sequence) {
                break;
            }
            obsolete.add(segment);
        }
        return obsolete;
    }

    /**
     * Deletes segments that begin the log, after a mark that tells recovery why they are missing. When the disk is too full for the
     * mark they are deleted all the same, to make room, and the mark follows; a crash in between is reported as a gap, though nobody
     * misses those records.
     */
    private @Nullable JournalException retire(List<Segment> obsolete) {
        long firstKept = segments.higherKey(obsolete.get(obsolete.size() - 1).firstSequence());
        JournalException unmarked = mark(firstKept);
        if (readOnlyReason != null) {
            return unmarked;
        }
        for (Segment segment : obsolete) {
            segments.remove(segment.firstSequence());
            retirement.add(Retiree.of(segment));
        }
        retirement.run();
        return unmarked == null ? null : mark(firstKept);
    }

    private @Nullable JournalException mark(long discardedBefore) {
        JournalException failure = active == null ? rotate() : null;
        ActiveSegment target = active;
        if (failure != null || target == null) {
            return failure;
        }
        try {
            long end = target.writeMark(discardedBefore, nextSequence - 1);
            failure = force(target);
            if (failure == null) {
                target.accept(List.of(), nextSequence, end);
            }
            return failure;
        } catch (IOException e) {
            return undoWrite(target, e);
        }
    }

    /** Nothing is written from now on; returns the reason for those whose outcome is therefore unknown. */
    JournalException turnReadOnly(String reason, Throwable cause) {
        readOnlyReason = reason;
        status = statusNow();
        return new JournalException(
                Kind.FORCE_FAILED,
                folder.location() + ": " + reason + "; whether the record is durable is unknown",
                cause);
    }

    private JournalException readOnly(String reason) {
        return new JournalException(Kind.READ_ONLY, folder.location() + " is read-only: " + reason);
    }

    private JournalException failed(String action, IOException cause) {
        return new JournalException(
                Kind.IO, folder.location() + ": " + action + " failed: " + cause.getMessage(), cause);
    }

    private void closeActive() {
        ActiveSegment closing = active;
        active = null;
        if (closing != null) {
            closeQuietly(closing);
        }
    }

    void close() {
        closeActive();
        if (readOnlyReason == null) {
            readOnlyReason = "it is closed";
        }
        status = statusNow();
        closeQuietly(folder);
    }

    private static void closeQuietly(AutoCloseable closing) {
        try {
            closing.close();
        } catch (Exception e) {
            // All that matters was forced before.
        }
    }

    private long bytes() {
        long sum = retirement.waitingBytes();
        for (Segment segment : segments.values()) {
            sum += segment.bytes();
        }
        for (Retiree snapshot : snapshots) {
            sum += snapshot.bytes();
        }
        return sum;
    }

    private JournalStatus statusNow() {
        long first = nextSequence;
        for (Segment segment : segments.values()) {
            long present = segment.index().firstPresent();
            if (present != 0) {
                first = present;
                break;
            }
        }
        return new JournalStatus(readOnlyReason == null, readOnlyReason, first, nextSequence - 1, bytes());
    }
}

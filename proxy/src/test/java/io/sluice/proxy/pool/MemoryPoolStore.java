package io.sluice.proxy.pool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps records in memory, survives "restarts" by being opened again, and fails as told. */
public final class MemoryPoolStore implements PoolStore {
    /** How appends behave. */
    public enum Mode {
        WORKING,
        /** The next append has an unknown outcome and is lost; then read-only. */
        FORCE_FAILS_LOSING,
        /** The next append has an unknown outcome and is kept; then read-only. */
        FORCE_FAILS_KEEPING,
        READ_ONLY,
        /** Nothing is written, but a later append may work. */
        DISK_FULL
    }

    private final List<byte[]> records = new ArrayList<>();
    private final AtomicInteger appends = new AtomicInteger();
    private volatile Mode mode = Mode.WORKING;
    private List<String> gaps = List.of();

    public void behave(Mode newMode) {
        mode = newMode;
    }

    /** How many times it was forced. */
    int appends() {
        return appends.get();
    }

    synchronized void damage(int index) {
        records.remove(index);
        gaps = List.of("segment-1 at 100: 50 bytes lost: checksum");
    }

    synchronized void corrupt(int index, byte[] with) {
        records.set(index, with);
    }

    synchronized int size() {
        return records.size();
    }

    @Override
    public synchronized Recovered recovered() {
        return new Recovered(records, gaps);
    }

    @Override
    public synchronized void append(List<byte[]> more) {
        switch (mode) {
            case WORKING -> records.addAll(more);
            case FORCE_FAILS_LOSING -> throw failed(true);
            case FORCE_FAILS_KEEPING -> {
                records.addAll(more);
                throw failed(true);
            }
            case READ_ONLY, DISK_FULL -> throw failed(false);
        }
        appends.incrementAndGet();
    }

    private PoolStoreException failed(boolean unknown) {
        if (unknown) {
            mode = Mode.READ_ONLY;
        }
        return new PoolStoreException("the disk does not take it", unknown, new IOException("fake"));
    }

    @Override
    public synchronized void compact(byte[] record) {
        records.clear();
        records.add(record);
    }

    @Override
    public Optional<String> readOnlyBecause() {
        return mode == Mode.READ_ONLY ? Optional.of("a force failed") : Optional.empty();
    }

    @Override
    public void close() {}
}

package io.sluice.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * A folder in memory that knows what was forced and what was not, so that {@link #afterCrash} can forget the rest, and whose every operation
 * can be made to fail.
 */
final class MemoryFolder implements JournalFolder {

    enum Operation {
        LIST,
        CREATE,
        OPEN,
        WRITE,
        READ,
        FORCE,
        TRUNCATE,
        SIZE,
        RENAME,
        DELETE,
        FORCE_FOLDER;

        boolean changes() {
            return this != LIST && this != OPEN && this != READ && this != SIZE;
        }
    }

    /** Decides, before an operation is done, whether it fails. */
    interface Fault {
        void before(Operation operation, String name) throws IOException;
    }

    /** What a crash leaves of operations that were not forced. */
    interface Survival {
        byte[] bytes(byte[] forced, byte[] written);

        <T> T names(List<T> states);

        static Survival forcedOnly() {
            return new Survival() {
                @Override
                public byte[] bytes(byte[] forced, byte[] written) {
                    return forced;
                }

                @Override
                public <T> T names(List<T> states) {
                    return states.get(0);
                }
            };
        }

        static Survival everything() {
            return new Survival() {
                @Override
                public byte[] bytes(byte[] forced, byte[] written) {
                    return written;
                }

                @Override
                public <T> T names(List<T> states) {
                    return states.get(states.size() - 1);
                }
            };
        }

        /** Files are as forced or as written; the folder is as after any one of its operations. */
        static Survival anyFolder(Random random) {
            return new Survival() {
                @Override
                public byte[] bytes(byte[] forced, byte[] written) {
                    return random.nextBoolean() ? forced : written;
                }

                @Override
                public <T> T names(List<T> states) {
                    return states.get(random.nextInt(states.size()));
                }
            };
        }

        /** Each small page is as forced or as written, in any combination; the folder is as after any one of its operations. */
        static Survival mixed(Random random) {
            int page = 1 << random.nextInt(3, 8);
            return new Survival() {
                @Override
                public byte[] bytes(byte[] forced, byte[] written) {
                    byte[] size = random.nextBoolean() ? forced : written;
                    byte[] mixed = new byte[size.length];
                    for (int at = 0; at < mixed.length; at += page) {
                        byte[] source = random.nextBoolean() ? forced : written;
                        int count = Math.min(page, Math.min(mixed.length, source.length) - at);
                        if (count > 0) {
                            System.arraycopy(source, at, mixed, at, count);
                        }
                    }
                    return mixed;
                }

                @Override
                public <T> T names(List<T> states) {
                    return states.get(random.nextInt(states.size()));
                }
            };
        }
    }

    private static final class Content {
        private byte[] written = new byte[0];
        private byte[] forced = new byte[0];
    }

    private final NavigableMap<String, Content> files = new TreeMap<>();
    /** The folder as last forced, then after each operation since. */
    private final List<NavigableMap<String, Content>> states = new ArrayList<>();

    private Fault fault = (operation, name) -> {};
    private int largestWrite = Integer.MAX_VALUE;
    private long capacity = Long.MAX_VALUE;
    private boolean locked;

    MemoryFolder() {
        states.add(new TreeMap<>());
    }

    synchronized void failWith(Fault newFault) {
        fault = newFault;
    }

    /** The machine stops after {@code operations} more operations that change something: the next one, and all later ones, fail. */
    synchronized void stopAfter(int operations) {
        stopAfter(operations, () -> {});
    }

    synchronized void stopAfter(int operations, Runnable onStop) {
        int[] done = {0};
        fault = (operation, name) -> {
            if (operation.changes()) {
                done[0]++;
            }
            if (done[0] > operations) {
                onStop.run();
                throw new IOException("the machine has stopped");
            }
        };
    }

    synchronized void repair() {
        fault = (operation, name) -> {};
        largestWrite = Integer.MAX_VALUE;
        capacity = Long.MAX_VALUE;
    }

    synchronized void writeAtMost(int bytes) {
        largestWrite = bytes;
    }

    synchronized void limitTo(long bytes) {
        capacity = bytes;
    }

    synchronized byte[] bytes(String name) {
        return content(name).written.clone();
    }

    /** Puts a file as if it had always been there. */
    synchronized void put(String name, byte[] bytes) {
        Content content = new Content();
        content.written = bytes.clone();
        content.forced = content.written;
        files.put(name, content);
        states.clear();
        states.add(new TreeMap<>(files));
    }

    synchronized void remove(String name) {
        files.remove(name);
        states.clear();
        states.add(new TreeMap<>(files));
    }

    synchronized List<String> names() {
        return List.copyOf(files.keySet());
    }

    synchronized long used() {
        return files.values().stream()
                .mapToLong(content -> content.written.length)
                .sum();
    }

    /** The folder that the next process finds. */
    synchronized MemoryFolder afterCrash(Survival survival) {
        MemoryFolder next = new MemoryFolder();
        survival.names(states)
                .forEach((name, content) -> next.put(name, survival.bytes(content.forced, content.written)));
        return next;
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public synchronized void lock() {
        if (locked) {
            throw new JournalException(JournalException.Kind.LOCKED, "memory is in use");
        }
        locked = true;
    }

    @Override
    public synchronized void close() {
        locked = false;
    }

    @Override
    public synchronized List<String> list() throws IOException {
        fault.before(Operation.LIST, "");
        return names();
    }

    @Override
    public synchronized JournalFile create(String name) throws IOException {
        fault.before(Operation.CREATE, name);
        Content existing = files.get(name);
        if (existing != null) {
            existing.written = new byte[0];
        } else {
            files.put(name, new Content());
            remember();
        }
        return new MemoryFile(name, content(name));
    }

    @Override
    public synchronized JournalFile openForAppend(String name) throws IOException {
        return openForRead(name);
    }

    @Override
    public synchronized JournalFile openForRead(String name) throws IOException {
        fault.before(Operation.OPEN, name);
        if (!files.containsKey(name)) {
            throw new NoSuchFileException(name);
        }
        return new MemoryFile(name, content(name));
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        fault.before(Operation.RENAME, from);
        Content content = content(from);
        files.remove(from);
        files.put(to, content);
        remember();
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        fault.before(Operation.DELETE, name);
        if (files.remove(name) != null) {
            remember();
        }
    }

    @Override
    public synchronized void force() throws IOException {
        fault.before(Operation.FORCE_FOLDER, "");
        states.clear();
        remember();
    }

    private void remember() {
        states.add(new TreeMap<>(files));
    }

    private Content content(String name) {
        Content content = files.get(name);
        if (content == null) {
            throw new IllegalStateException("no file " + name + " in " + files.keySet());
        }
        return content;
    }

    private final class MemoryFile implements JournalFile {

        private final String name;
        private final Content content;

        MemoryFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            synchronized (MemoryFolder.this) {
                fault.before(Operation.WRITE, name);
                long room = capacity - used() + Math.max(0, content.written.length - position);
                int count = (int) Math.min(Math.min(source.remaining(), largestWrite), room);
                if (count <= 0) {
                    throw new IOException("No space left on device");
                }
                int end = Math.toIntExact(position + count);
                byte[] changed = Arrays.copyOf(content.written, Math.max(content.written.length, end));
                source.get(changed, (int) position, count);
                content.written = changed;
                return count;
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            synchronized (MemoryFolder.this) {
                fault.before(Operation.READ, name);
                int count = (int) Math.min(target.remaining(), content.written.length - position);
                if (count <= 0) {
                    return -1;
                }
                target.put(content.written, (int) position, count);
                return count;
            }
        }

        @Override
        public void force(boolean metadata) throws IOException {
            synchronized (MemoryFolder.this) {
                fault.before(Operation.FORCE, name);
                content.forced = content.written;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (MemoryFolder.this) {
                fault.before(Operation.TRUNCATE, name);
                if (size < content.written.length) {
                    content.written = Arrays.copyOf(content.written, (int) size);
                }
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (MemoryFolder.this) {
                fault.before(Operation.SIZE, name);
                return content.written.length;
            }
        }

        @Override
        public void close() {}
    }
}

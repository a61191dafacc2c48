package io.sluice.benchmarks.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * SQLite at its best for this: write-ahead log, {@code synchronous=FULL}, prepared statements, one writer thread that puts everything
 * that waits into one transaction.
 */
final class SqliteStore implements DurableStore {

    private static final int MAX_BATCH = 2048;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Insert(byte[] payload, CompletableFuture<Long> done) {}

    private final BlockingQueue<Insert> queue = new LinkedBlockingQueue<>();
    private final Thread writer;
    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement delete;
    private long lastId;

    SqliteStore(Path file) {
        try {
            connection = DriverManager.getConnection("jdbc:sqlite:" + file);
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=FULL");
                statement.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
            }
            connection.setAutoCommit(false);
            insert = connection.prepareStatement("INSERT INTO record (id, payload) VALUES (?, ?)");
            delete = connection.prepareStatement("DELETE FROM record WHERE id <= ?");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot open " + file, e);
        }
        writer = new Thread(this::write, "sqlite writer");
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public CompletableFuture<Long> append(byte[] record) {
        CompletableFuture<Long> done = new CompletableFuture<>();
        queue.add(new Insert(record, done));
        return done;
    }

    private void write() {
        List<Insert> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(queue.take());
                queue.drainTo(batch, MAX_BATCH - 1);
                long firstId = lastId + 1;
                commit(batch);
                for (int i = 0; i < batch.size(); i++) {
                    batch.get(i).done().complete(firstId + i);
                }
                batch.clear();
            }
        } catch (SQLException e) {
            batch.forEach(each -> each.done().completeExceptionally(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void commit(List<Insert> batch) throws SQLException {
        for (Insert each : batch) {
            lastId++;
            insert.setLong(1, lastId);
            insert.setBytes(2, each.payload());
            insert.executeUpdate();
        }
        delete.setLong(1, lastId - LIVE_RECORDS);
        delete.executeUpdate();
        connection.commit();
    }

    @Override
    public void close() {
        writer.interrupt();
        try {
            writer.join();
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

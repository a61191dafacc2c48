package io.sluice.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.instance.api.ConfigHash;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDocumentsTest {
    private static final JsonNode DOCUMENT =
            JsonNodeFactory.instance.objectNode().put("a", 1);
    private static final String HASH = ConfigHash.of(DOCUMENT);

    @TempDir
    private Path folder;

    private Vertx vertx;
    private FileDocuments documents;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
        documents = new FileDocuments(folder, vertx.createSharedWorkerExecutor("files", 1));
    }

    @AfterEach
    void close() throws Exception {
        done(vertx.close());
    }

    @Test
    void documentIsFoundUnderItsHashAndNothingElseIsLeft() throws Exception {
        done(documents.put(HASH, DOCUMENT));
        done(documents.put(HASH, DOCUMENT));
        assertThat(done(documents.get(HASH))).isEqualTo(DOCUMENT);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve(HASH + ".json"));
        }
    }

    @Test
    void unknownOrImpossibleNamesAreNotFound() {
        assertThatThrownBy(() -> done(documents.get(HASH))).hasCauseInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> done(documents.get("../secret"))).hasCauseInstanceOf(NoSuchElementException.class);
    }

    @Test
    void contentThatIsNotWhatItsNameStandsForIsRefused() throws Exception {
        Files.writeString(folder.resolve(HASH + ".json"), "{\"a\":2}");
        assertThatThrownBy(() -> done(documents.get(HASH))).hasCauseInstanceOf(IOException.class);
    }

    private static <T> T done(Future<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}

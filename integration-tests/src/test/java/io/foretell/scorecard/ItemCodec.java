package io.foretell.scorecard;

import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.transport.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Items as words. The places in the answer are the ids that it is matched by. */
class ItemCodec implements Codec<Item, Integer> {
    static final String INPUT = "x";
    static final String OUTPUT = "y";

    @Override
    public Payload.Kind payload() {
        return Payload.Kind.TENSORS;
    }

    @Override
    public Payload encode(List<Item> items) {
        List<String> texts = new ArrayList<>(items.size());
        for (Item item : items) {
            texts.add(Word.of(texts.size(), item).text() + item.padding());
        }
        return new Payload.Tensors(Map.of(INPUT, Word.tensor(texts)));
    }

    @Override
    public List<ItemResult<Integer>> decode(Payload payload, int count) {
        List<List<Word>> answers = new ArrayList<>(count);
        for (int place = 0; place < count; place++) {
            answers.add(new ArrayList<>(1));
        }
        for (Word word : Word.words(((Payload.Tensors) payload).tensors().get(OUTPUT))) {
            if (word.place() < count) {
                answers.get(word.place()).add(word);
            }
        }
        return answers.stream().map(ItemCodec::result).toList();
    }

    private static ItemResult<Integer> result(List<Word> answers) {
        return answers.size() == 1
                ? ItemResult.of(answers.get(0).number())
                : ItemResult.failed(InferenceException.of(ErrorCategory.CODEC)
                        .message(answers.size() + " answers to 1 item")
                        .build());
    }

    @Override
    public long sizeOf(Item item) {
        return item.bytes();
    }

    @Override
    public Object batchKey(Item item) {
        return item.key();
    }
}

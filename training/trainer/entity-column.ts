import { padBatch, type Tokenizer } from '../../models/index.js';
import type { Column } from './epochs.js';

/** Tokens read of the names of one text, as ENDEF reads 50. */
const maxTokens = 50;

/** `entity_ids` and `entity_mask` [batch, entityTokens]: the names of each text, one after another with the tokenizer's separator between. */
export const entityColumn =
  (tokenizer: Tokenizer, separator: string): Column =>
  async (examples) => {
    const encodings = await tokenizer.encode(
      examples.map(({ entities = [] }) => entities.join(` ${separator} `)),
      maxTokens,
    );
    return (rows) => {
      const { batch, tokens, ids, mask } = padBatch(
        rows.map((row) => encodings[row]!),
        tokenizer.padId,
      );
      return {
        entity_ids: { type: 'int64', dims: [batch, tokens], data: ids },
        entity_mask: { type: 'int64', dims: [batch, tokens], data: mask },
      };
    };
  };

/**
 * Reads what ClearPass and its like post. A body that is not well-formed XML 1.0 in UTF-8 is refused whole; whatever
 * goes in, only `MalformedPostError` comes out.
 */
import { PostDraft } from './post-draft.ts';
import { documentElement, type Element } from './post-elements.ts';
import type { PostedEntry } from './posted-entry.ts';
import { readXml } from './strict-xml.ts';
import { decoded } from './utf8.ts';
import { refuseAt } from './xml-faults.ts';

/** Those of a post are at most six deep. */
const deepest = 16;

const emptyAdvice = 'Send <userfw-entries> with at least one <userfw-entry> in it.';

export function readPost(body: Uint8Array): readonly PostedEntry[] {
  const text = decoded(body);
  if (text.trim() === '') refuseAt(text, 0, 'post-empty', `The body is empty. ${emptyAdvice}`);

  const post = new PostDraft(text);
  const parents: Element[] = [];
  let element = documentElement;
  let content = '';
  let holdsElements = false;

  readXml(text, {
    opened(name, end) {
      post.openedAt = end;
      if (parents.push(element) > deepest) {
        post.fail(
          'xml-too-deep',
          `Elements lie more than ${deepest} deep here. Leave out the inner ones: a post is six deep at most.`,
        );
      }
      element = element.children.get(name) ?? element.other();
      element.opened?.(post, name);
      content = '';
      holdsElements = false;
    },
    said(text) {
      content += text;
    },
    closed(name) {
      const said = content.trim();
      if (said !== '' && !holdsElements) element.said?.(post, said, name);
      element = parents.pop() ?? documentElement;
      holdsElements = true;
    },
  });

  if (post.entries.length === 0) refuseAt(text, 0, 'post-empty', `The post holds no entry. ${emptyAdvice}`);
  return post.entries;
}

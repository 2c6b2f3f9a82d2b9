export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Whether keys belong to what the person is writing in.
export const typing = () => {
  const here = document.activeElement;
  return Boolean(here && (here.isContentEditable || /^(TEXTAREA|SELECT)$/.test(here.tagName)
    || (here.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(here.type))));
};

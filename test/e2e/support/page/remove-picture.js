// Takes the paragraph with the first picture out of the text that is being written, as by selecting it and pressing Delete.
() => {
  const image = document.querySelector('#compose-text img');
  document.querySelector('#compose-text').focus();
  getSelection().selectAllChildren(image.parentElement);
  document.execCommand('delete');
};
